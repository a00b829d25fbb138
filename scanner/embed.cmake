# A text file as a C string:
#   cmake -DINPUT=FILE -DOUTPUT=FILE.c -DHEADER=INCLUDE -DNAME=name -P embed.cmake
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
string(REPLACE "\\x0a" "\\x0a\"\n\"" bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n\nconst char ${NAME}[] =\n\"${bytes}\";\n")
