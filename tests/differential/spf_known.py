"""Where pyspf 2.0.14 is known to differ from us: RFC 7208 is on our side, or leaves it open.

Each is a class that makes pyspf do what the RFC's section says, and nothing else. A result that
differs is explained only when pyspf with such corrections agrees with us.
"""

import re

import spf

MACRO = re.compile(r"%(?:[%_-]|\{[slodiphcrtv](?:0*[1-9][0-9]*)?r?[-.+,/_=]*\})", re.IGNORECASE)
MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)


def split_terms(text):
    return [term for term in text.split(" ")[1:] if term]


def join_terms(terms):
    return " ".join(["v=spf1"] + terms)


def is_macro_string(text):
    return "%" not in MACRO.sub("", text)


class MacroGrammar(spf.query):
    section = "7.1"
    why = "pyspf passes %{d without its brace, a count of 0, other delimiters; it refuses a final %%"

    def expand(self, s, stripdot=True):
        if not is_macro_string(s):
            raise spf.PermError("malformed macro", s)
        kept = spf.RE_INVALID_MACRO
        spf.RE_INVALID_MACRO = re.compile("(?!)")
        try:
            return super().expand(s, stripdot)
        finally:
            spf.RE_INVALID_MACRO = kept


class MacroReverse(spf.query):
    section = "7.1"
    why = "%{dR} is %{dr}: text in an ABNF rule is case-insensitive (RFC 5234 2.3)"

    def expand(self, s, stripdot=True):
        def lower(match):
            return match[0] if len(match[0]) == 2 else match[0][:3] + match[0][3:].lower()

        return super().expand(MACRO.sub(lower, s), stripdot)


class MacroJoin(spf.query):
    section = "7.3"
    why = "pyspf rejoins parts with the delimiter they were split at, not with dots (but in l and s)"

    def expand(self, s, stripdot=True):
        kept = spf.JOINERS
        spf.JOINERS = dict.fromkeys("slodiphcrtv", ".")
        try:
            return super().expand(s, stripdot)
        finally:
            spf.JOINERS = kept


class NameTooLong(spf.query):
    section = "7.3"
    why = "pyspf takes one label off a name over 253 characters, not as many as it needs"

    def expand(self, s, stripdot=True):
        text = super().expand(s, stripdot)
        while stripdot and len(text) > 253 and "." in text:
            text = text.split(".", 1)[1]
        return text


class SenderWithoutLocalPart(spf.query):
    section = "4.3"
    why = "pyspf leaves postmaster out of %{s} where the sender has no local-part"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.s = self.l + "@" + self.o


class DomainOfOneLabel(spf.query):
    section = "4.3"
    why = "pyspf looks for records at names of one label; the RFC wants a fully qualified domain name"

    def dns_spf(self, domain):
        return super().dns_spf(domain) if "." in domain else None


class ImpliedDomain(spf.query):
    section = "5.3, 7"
    why = "pyspf expands the current domain where none is given: %20.test, made by %-, is no macro"

    def expand_domain(self, arg):
        return arg if arg == self.d else super().expand_domain(arg)


class EmptyLabel(spf.query):
    section = "4.8"
    why = "open: a name with an empty or over-long label; pyspf: no match, ours: a syntax error"

    def refuse(self, name):
        labels = re.sub(r"\.$", "", name).split(".")
        if "%" not in name and not all(0 < len(label) < 64 for label in labels):
            raise spf.PermError("impossible name", name)

    def expand_domain(self, arg):
        self.refuse(arg)
        return super().expand_domain(arg)

    def check0(self, text, recursion):
        for term in split_terms(text) if text else []:
            if term.lower().startswith("redirect="):
                self.refuse(term.split("=", 1)[1])
        return super().check0(text, recursion)


class VisibleText(spf.query):
    section = "12"
    why = "pyspf takes control characters in unknown modifiers; a macro-literal is visible ASCII"

    def check0(self, text, recursion):
        if text and any(not "!" <= c <= "~" for term in split_terms(text) for c in term):
            raise spf.PermError("invisible characters", text)
        return super().check0(text, recursion)


class ModifierCase(spf.query):
    section = "6"
    why = "names are case-insensitive (RFC 5234 2.3); pyspf takes Redirect= for an unknown modifier"

    def check0(self, text, recursion):
        if text:
            terms = split_terms(text)
            for i, term in enumerate(terms):
                if re.match(r"(redirect|exp)=", term, re.IGNORECASE):
                    name, value = term.split("=", 1)
                    terms[i] = name.lower() + "=" + value
            text = join_terms(terms)
        return super().check0(text, recursion)


class UnknownModifiers(spf.query):
    section = "6"
    why = "unknown modifiers are ignored; pyspf refuses them twice, or with macros c, r, t"

    def check0(self, text, recursion):
        def is_ignored(term):
            match = MODIFIER.fullmatch(term)
            is_known = match and match[1].lower() in ("redirect", "exp")
            return match and not is_known and is_macro_string(match[2])

        if text:
            text = join_terms([term for term in split_terms(text) if not is_ignored(term)])
        return super().check0(text, recursion)


class IncludeOfItself(spf.query):
    section = "4.6.4"
    why = "pyspf refuses include:<own domain> when it reads it, even behind a term that matches"

    def validate_mechanism(self, mech):
        try:
            return super().validate_mechanism(mech)
        except spf.PermError as error:
            if error.msg != "include has trivial recursion":
                raise
            result = spf.RESULTS.get(mech[0], "pass")
            return mech, "include", self.d, self.cidrmax, result


class FollowRedirect(Exception):
    pass


class RedirectWhenFollowed(spf.query):
    section = "4.6.4, 6.1"
    why = "pyspf counts and expands redirect when it reads it, even where a term matches before"

    END = ("ip4:255.255.255.255", "ip6:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

    def cidrmatch(self, ipaddrs, n):
        if ipaddrs in [[end.split(":", 1)[1]] for end in self.END]:
            raise FollowRedirect
        return super().cidrmatch(ipaddrs, n)

    def check0(self, text, recursion):
        terms = split_terms(text) if text else []
        redirects = [term for term in terms if term.startswith("redirect=")]
        if len(redirects) != 1:
            return super().check0(text, recursion)
        spec = redirects[0].split("=", 1)[1]
        if not spec or spf.RE_TOPLAB.split(spec)[-1] or not is_macro_string(spec):
            raise spf.PermError("malformed redirect", spec)
        terms.remove(redirects[0])
        try:
            return super().check0(join_terms(terms + list(self.END)), recursion)
        except FollowRedirect:
            self.check_lookups()
            name = self.expand_domain(spec)
            record = name and self.dns_spf(name)
            if not record:
                raise spf.PermError("no record to redirect to", name) from None
            return self.check1(record, name, recursion)


class MxHostByHost(spf.query):
    section = "5.4, 4.6.4"
    why = "pyspf asks for all hosts before it compares one; open: it counts them as void lookups"

    def dns_mx(self, domainname):
        names = sorted(self.dns(domainname, "MX"))
        if len(names) > spf.MAX_MX:
            raise spf.PermError("more than 10 MX hosts")
        return MxAddresses(self, [name for _, name in names])

    def cidrmatch(self, ipaddrs, n):
        if not isinstance(ipaddrs, MxAddresses):
            return super().cidrmatch(ipaddrs, n)
        return any(super(MxHostByHost, self).cidrmatch(found, n) for found in ipaddrs)


class MxAddresses:
    def __init__(self, query, names):
        self.query, self.names = query, names

    def __iter__(self):
        return (self.query.dns(name, self.query.A, ignore_void=True) for name in self.names)


class PtrFailures(spf.query):
    section = "5.5"
    why = "a failed PTR lookup is no match, a host whose lookup fails is skipped; pyspf: temperror"

    def dns_ptr(self, i):
        try:
            return super().dns_ptr(i)
        except spf.TempError:
            return []

    def dns_a(self, domainname, A="A"):
        try:
            return super().dns_a(domainname, A)
        except spf.TempError:
            if not getattr(self, "is_validating", False):
                raise
            return []

    def validated_ptrs(self):
        self.is_validating = True
        try:
            return super().validated_ptrs()
        finally:
            self.is_validating = False


class PtrHostsVoid(spf.query):
    section = "5.5, 4.6.4"
    why = "open: pyspf counts PTR hosts without address as void lookups; they have a limit of their own"

    def validated_ptrs(self):
        names = self.dns_ptr(self.i)[: spf.MAX_PTR]
        before = self.void_lookups
        self.void_lookups = -1000
        try:
            return [name for name in names if self.cidrmatch(self.dns_a(name, self.A), self.cidrmax)]
        finally:
            self.void_lookups = before


class MacroP(spf.query):
    section = "7.3, 4.6.4"
    why = "pyspf finds %{p} once for all domains; open: it counts its lookups as void ones"

    def getp(self):
        before = self.void_lookups
        self.void_lookups = -1000
        self.p = None
        try:
            return super().getp()
        finally:
            self.void_lookups = before


KNOWN = [
    MacroGrammar, MacroReverse, MacroJoin, NameTooLong, SenderWithoutLocalPart, DomainOfOneLabel,
    ImpliedDomain, EmptyLabel, VisibleText, ModifierCase, UnknownModifiers, IncludeOfItself,
    RedirectWhenFollowed, MxHostByHost, PtrFailures, PtrHostsVoid, MacroP,
]  # fmt: skip


def with_corrections(corrections):
    """The first is outermost: what it does to a record is what the later ones see."""
    return type("Corrected", tuple(corrections), {}) if corrections else spf.query
