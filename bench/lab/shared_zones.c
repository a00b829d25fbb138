/* Zones of operators that many people use: mail and name servers, policy hosting, report
 * desks. */
#include "bench/lab/lab_gen.h"

const struct shared_zone shared_zones[] = {
    /* nothing listens at ns-dead */
    {"dns-a.net", "ns1 A 198.18.2.1\nns2 A 198.18.2.2\nns-dead A 198.18.6.251\n"},
    {"dns-b.net", "ns1 A 198.18.2.3\nns2 A 198.18.2.4\n"},
    {"dns-c.net", "ns1 A 198.18.2.5\nns2 A 198.18.2.6\n"},
    {"dns-d.net", "ns1 A 198.18.2.7\nns2 A 198.18.2.8\n"},
    {"mailfarm.net",
     "@ A 93.93.1.1\n@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 20.60.0.1\nmx2 A 20.60.0.2\n"
     "@ TXT \"v=spf1 include:_spf.mailfarm.net -all\"\n"
     /* 256 + 1 addresses */
     "_spf TXT \"v=spf1 ip4:20.60.0.0/24 ip4:20.61.0.1 -all\"\n"},
    {"bulkpost.net",
     "@ A 93.93.1.6\n@ MX 10 mx\nmx A 20.70.0.1\n"
     /* a /22, and four addresses beside what lies in it */
     "_spf TXT \"v=spf1 include:_a.bulkpost.net include:_b.bulkpost.net ~all\"\n"
     "_a TXT \"v=spf1 ip4:20.70.0.0/22 ~all\"\n"
     "_b TXT \"v=spf1 ip4:20.70.2.0/23 ip4:20.71.0.0/30 ~all\"\n"},
    /* what SPF records of the lab refer to, sound and broken */
    {"spf-lab.net",
     "h1 A 20.80.0.1\nh2 A 20.80.0.2\nh3 A 20.80.0.3\nh4 A 20.80.0.4\nh5 A 20.80.0.5\n"
     "h6 A 20.80.0.6\nh7 A 20.80.0.7\nh8 A 20.80.0.8\nh9 A 20.80.0.9\nh10 A 20.80.0.10\n"
     "v6only AAAA 2a01:111:f400::80\n"
     "empty1 TXT \"no address\"\n"
     "nine TXT \"v=spf1 a:h1.spf-lab.net a:h2.spf-lab.net a:h3.spf-lab.net "
     "a:h4.spf-lab.net \""
     " \"a:h5.spf-lab.net a:h6.spf-lab.net a:h7.spf-lab.net a:h8.spf-lab.net "
     "a:h9.spf-lab.net -all\"\n"
     "ten TXT \"v=spf1 a:h1.spf-lab.net a:h2.spf-lab.net a:h3.spf-lab.net "
     "a:h4.spf-lab.net \""
     " \"a:h5.spf-lab.net a:h6.spf-lab.net a:h7.spf-lab.net a:h8.spf-lab.net "
     "a:h9.spf-lab.net a:h10.spf-lab.net -all\"\n"
     "*.many A 20.51.7.1\n"
     "many TXT \"v=spf1"
     "\" \" a:n01.many.spf-lab.net a:n02.many.spf-lab.net a:n03.many.spf-lab.net "
     "a:n04.many.spf-lab.net a:n05.many.spf-lab.net"
     " a:n06.many.spf-lab.net a:n07.many.spf-lab.net a:n08.many.spf-lab.net "
     "a:n09.many.spf-lab.net a:n10.many.spf-lab.net"
     "\" \" a:n11.many.spf-lab.net a:n12.many.spf-lab.net a:n13.many.spf-lab.net "
     "a:n14.many.spf-lab.net a:n15.many.spf-lab.net"
     " a:n16.many.spf-lab.net a:n17.many.spf-lab.net a:n18.many.spf-lab.net "
     "a:n19.many.spf-lab.net a:n20.many.spf-lab.net"
     "\" \" a:n21.many.spf-lab.net a:n22.many.spf-lab.net a:n23.many.spf-lab.net "
     "a:n24.many.spf-lab.net a:n25.many.spf-lab.net"
     " a:n26.many.spf-lab.net a:n27.many.spf-lab.net a:n28.many.spf-lab.net "
     "a:n29.many.spf-lab.net a:n30.many.spf-lab.net"
     "\" \" a:n31.many.spf-lab.net a:n32.many.spf-lab.net a:n33.many.spf-lab.net "
     "a:n34.many.spf-lab.net a:n35.many.spf-lab.net"
     " a:n36.many.spf-lab.net a:n37.many.spf-lab.net a:n38.many.spf-lab.net "
     "a:n39.many.spf-lab.net a:n40.many.spf-lab.net"
     "\" \" a:n41.many.spf-lab.net a:n42.many.spf-lab.net a:n43.many.spf-lab.net "
     "a:n44.many.spf-lab.net a:n45.many.spf-lab.net"
     " a:n46.many.spf-lab.net a:n47.many.spf-lab.net a:n48.many.spf-lab.net "
     "a:n49.many.spf-lab.net a:n50.many.spf-lab.net"
     "\" \" -all\"\n"
     "again TXT \"v=spf1 redirect=_spf.mailfarm.net\"\n"
     "one-void TXT \"v=spf1 ip4:20.51.4.17 a:gone1.spf-lab.net -all\"\n"
     "no-spf TXT \"nothing of the kind\"\n"
     "two TXT \"v=spf1 ip4:20.51.4.17 -all\"\ntwo TXT \"v=spf1 -all\"\n"
     "broken TXT \"v=spf1 ip4:20.51.4.17 ipv4:20.51.4.17 -all\"\n"
     "m A 20.51.7.1\nm1 A 20.51.7.1\nm2 A 20.51.7.1\nm3 A 20.51.7.1\nm4 A 20.51.7.1\n"
     "m5 A 20.51.7.1\nm6 A 20.51.7.1\nm7 A 20.51.7.1\nm8 A 20.51.7.1\nm9 A 20.51.7.1\n"
     "m10 A 20.51.7.1\n"
     "ten-hosts MX 1 m1\nten-hosts MX 2 m2\nten-hosts MX 3 m3\nten-hosts MX 4 m4\n"
     "ten-hosts MX 5 m5\nten-hosts MX 6 m6\nten-hosts MX 7 m7\nten-hosts MX 8 m8\n"
     "ten-hosts MX 9 m9\nten-hosts MX 10 m10\n"
     "eleven-hosts MX 1 m1\neleven-hosts MX 2 m2\neleven-hosts MX 3 m3\n"
     "eleven-hosts MX 4 m4\neleven-hosts MX 5 m5\neleven-hosts MX 6 m6\n"
     "eleven-hosts MX 7 m7\neleven-hosts MX 8 m8\neleven-hosts MX 9 m9\n"
     "eleven-hosts MX 10 m10\neleven-hosts MX 11 m\n"},
    {"policy-desk.net", "@ A 93.93.1.2\n"
                        "_mta-sts TXT \"v=STSv1; id=20250101;\"\n"
                        "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@policy-desk.net\"\n"
                        "_dmarc TXT \"v=DMARC1; p=reject\"\n"
                        "*.sts A 198.18.4.1\n"
                        "no-address TXT \"no address\"\n"},
    /* takes anybody's reports */
    {"report-hall.net",
     "@ A 93.93.1.3\n*._report._dmarc TXT \"v=DMARC1\"\n"
     "*._report._dmarc TXT \"v=DMARC1; rua=mailto:all@report-hall.net\"\n"},
    /* takes those of its customers */
    {"report-desk.net", "@ A 93.93.1.4\n"},
    /* has never heard of them */
    {"dark-desk.net", "@ A 93.93.1.5\n@ MX 10 mx1.mailfarm.net.\n"},
    {NULL, NULL},
};
