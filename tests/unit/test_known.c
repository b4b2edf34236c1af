/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is known of CAs: the table, and the look-ups in it. */

#include "test.h"

#include <ctype.h>
#include <time.h>

#include "known.h"

/* --- Names --------------------------------------------------------------------------------------- */

static const caaudit_ca_info_t *find(const char *name)
{
	return known_ca_find((const uint8_t *)name, strlen(name));
}

static bool accepts(const caaudit_ca_info_t *ca, const char *name)
{
	const caaudit_ca_info_t *at = NULL;
	while ((at = known_ca_next(at, (const uint8_t *)name, strlen(name))) != NULL) {
		if (at == ca) {
			return true;
		}
	}
	return false;
}

/* Written down a second time, from the sources. The first name is the one to publish. */
static const struct {
	const char *owner, *names;
} cas[] = {
	{ "ACCV", "accv.es" },
	{ "Actalis", "actalis.it" },
	{ "Amazon", "amazon.com amazontrust.com awstrust.com amazonaws.com aws.amazon.com" },
	{ "Apple", "pki.apple.com" },
	{ "BJCA", "bjca.cn" },
	{ "Buypass", "buypass.com buypass.no" },
	{ "Certainly", "certainly.com" },
	{ "Certigna", "certigna.fr certigna.com" },
	{ "Certizen", "hongkongpost.gov.hk ecert.gov.hk" },
	{ "certSIGN", "certsign.ro" },
	{ "Certum", "certum.pl certum.eu" },
	{ "CFCA", "cfca.com.cn" },
	{ "Chunghwa Telecom", "pki.hinet.net tls.hinet.net eca.hinet.net epki.com.tw "
	                      "publicca.hinet.net" },
	{ "Cybertrust Japan", "cybertrust.co.jp cybertrust.ne.jp" },
	{ "D-Trust", "d-trust.net dtrust.de d-trust.de" },
	{ "DigiCert", "digicert.com www.digicert.com digicert.ne.jp cybertrust.ne.jp thawte.com "
	              "geotrust.com rapidssl.com symantec.com digitalcertvalidation.com "
	              "volusion.digitalcertvalidation.com stratossl.digitalcertvalidation.com "
	              "intermediatecertificate.digitalcertvalidation.com "
	              "1and1.digitalcertvalidation.com quovadisglobal.com amazon.com "
	              "amazontrust.com awstrust.com amazonaws.com pkioverheid.nl" },
	{ "Disig", "disig.sk" },
	{ "eMudhra", "emsign.com" },
	{ "Eviden", "pki.eviden.com atos.net" },
	{ "FNMT", "fnmt.es" },
	{ "GDCA", "gdca.com.cn" },
	{ "GlobalSign", "globalsign.com" },
	{ "GoDaddy", "godaddy.com starfieldtech.com" },
	{ "Google Trust Services", "pki.goog" },
	{ "HARICA", "harica.gr" },
	{ "IdenTrust", "identrust.com www.identrust.com" },
	{ "iTrusChina", "itrus.cn" },
	{ "Izenpe", "izenpe.com izenpe.eus" },
	{ "JPRS", "jprs.jp acme.jprs.jp" },
	{ "KPN", "kpn.com" },
	{ "Let's Encrypt", "letsencrypt.org" },
	{ "Microsec", "e-szigno.hu" },
	{ "Microsoft", "microsoft.com ssladmin.microsoft.com" },
	{ "NAVER Cloud", "navercloudtrust.com" },
	{ "NETLOCK", "netlock.hu netlock.eu netlock.net netlock.com" },
	{ "Network Solutions", "networksolutions.com web.com" },
	{ "OISTE", "oiste.org wisekey.com hightrusted.com certifyid.com" },
	{ "SECOM", "secomtrust.net" },
	{ "Sectigo", "sectigo.com usertrust.com trust-provider.com entrust.net affirmtrust.com "
	             "comodo.com comodoca.com" },
	{ "SHECA", "sheca.com imtrust.cn wwwtrust.cn" },
	{ "SSL.com", "ssl.com entrust.net affirmtrust.com" },
	{ "SwissSign", "swisssign.com" },
	{ "Telekom Security", "telesec.de pki.dfn.de dfn.de" },
	{ "Telia", "telia.com telia.fi telia.se trust.telia.com acme.trust.telia.com" },
	{ "TrustAsia", "trustasia.com" },
	{ "TWCA", "twca.com.tw" },
	{ "VikingCloud", "trustwave.com securetrust.com vikingcloud.com" },
	{ "Visa", "visa.com" },
	{ "WoTrus", "wotrus.com wosign.com" },
};

/* Each name is accepted by the CAs that have it here, and by no other. */
static void each_ca_accepts_its_names_and_no_others(void **state)
{
	(void)state;
	assert_int_equal(CAAUDIT_CA__COUNT, COUNT(cas));
	for (size_t i = 0; i < COUNT(cas); i++) {
		char names[512];
		strcpy(names, cas[i].names);
		const char *first = strtok(names, " ");
		const caaudit_ca_info_t *ca = find(first);
		assert_non_null(ca);
		assert_string_equal(ca->name[0], first);
		assert_string_equal(ca->owner, cas[i].owner);
		for (const char *name = first; name != NULL; name = strtok(NULL, " ")) {
			print_message("%s: %s\n", cas[i].owner, name);
			assert_true(accepts(ca, name));
		}
		for (size_t j = 0; j < COUNT(cas); j++) {
			strcpy(names, cas[j].names);
			for (char *name = strtok(names, " "); name != NULL;
			     name = strtok(NULL, " ")) {
				char mine[512], word[128];
				sprintf(mine, " %s ", cas[i].names);
				sprintf(word, " %s ", name);
				assert_int_equal(accepts(ca, name), strstr(mine, word) != NULL);
			}
		}
	}
}

static void a_name_in_common_leads_to_who_publishes_it_or_comes_first(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *ca; /* Owner, NULL = not known. */
		bool current;
	} tests[] = {
		{ "sectigo.com", "Sectigo", true },
		{ "SECTIGO.com", "Sectigo", true },
		{ "usertrust.com", "Sectigo", true },
		{ "trust-provider.com", "Sectigo", true },
		{ "comodo.com", "Sectigo", false },
		{ "COMODOCA.COM", "Sectigo", false },
		{ "amazon.com", "Amazon", true },
		{ "amazonaws.com", "Amazon", true },
		{ "entrust.net", "Sectigo", true },
		{ "cybertrust.ne.jp", "Cybertrust Japan", true },
		{ "geotrust.com", "DigiCert", true },
		{ "ca.example.net", NULL, false },
		{ "www.sectigo.com", NULL, false },
		{ "sectigo.co", NULL, false },
		{ "sectigo.com.", NULL, false },
		{ "", NULL, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		const caaudit_ca_info_t *ca = find(tests[i].name);
		if (tests[i].ca == NULL) {
			assert_null(ca);
			continue;
		}
		assert_non_null(ca);
		assert_string_equal(ca->owner, tests[i].ca);
		assert_int_equal(known_ca_is_current(ca, (const uint8_t *)tests[i].name,
		                                     strlen(tests[i].name)),
		                 tests[i].current);
	}
	/* A name of another CA is no current one. */
	assert_false(known_ca_is_current(find("sectigo.com"), (const uint8_t *)"ssl.com", 7));
}

static bool has(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, name) == 0) {
			return true;
		}
	}
	return false;
}

/* What is told of one CA: lists are parts of its names, lower case, without doubles. */
static void the_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		const caaudit_ca_info_t *ca = &caaudit_cas[i];
		print_message("%s\n", ca->owner);
		assert_non_null(ca->source);
		const char *const *const lists[] = { ca->name, ca->deprecated, ca->persist };
		for (size_t j = 0; j < COUNT(lists); j++) {
			for (const char *const *name = lists[j]; name != NULL && *name != NULL;
			     name++) {
				assert_true(has(ca->name, *name));
				assert_false(has(name + 1, *name));
				for (const char *c = *name; *c != '\0'; c++) {
					assert_true(islower((unsigned char)*c) ||
					            isdigit((unsigned char)*c) || *c == '.' ||
					            *c == '-');
				}
			}
		}
		assert_false(has(ca->deprecated, ca->name[0]));
		assert_true(i == 0 || strcasecmp(caaudit_cas[i - 1].owner, ca->owner) < 0);
	}
	const caaudit_ca_info_t *sectigo = &caaudit_cas[CAAUDIT_CA_SECTIGO];
	assert_true(has(sectigo->persist, "comodoca.com"));
	assert_false(has(sectigo->persist, "entrust.net"));
	assert_false(has(sectigo->persist, "affirmtrust.com"));
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		assert_int_equal(caaudit_cas[i].pair != NULL, i == CAAUDIT_CA_SECTIGO);
	}
	for (size_t i = 0; i < caaudit_sources_count; i++) {
		assert_true(caaudit_sources[i].day >= CAAUDIT_DAY(2026, 1, 1));
	}
	for (size_t i = 0; i < caaudit_methods_count; i++) {
		const char *label = caaudit_methods[i].label, *also = caaudit_methods[i].also;
		assert_ptr_equal(known_method((const uint8_t *)label, strlen(label)),
		                 &caaudit_methods[i]);
		assert_true(also == NULL ||
		            known_method((const uint8_t *)also, strlen(also)) != NULL);
	}
	for (size_t i = 0; i < caaudit_forms_count; i++) {
		const char *method = caaudit_forms[i].method;
		assert_true(method == NULL ||
		            known_method((const uint8_t *)method, strlen(method)) != NULL);
	}
}

static void days_are_those_of_the_calendar(void **state)
{
	(void)state;
	for (time_t day = 0; day < 60000; day++) {
		time_t at = day * 86400;
		struct tm tm;
		gmtime_r(&at, &tm);
		assert_int_equal(CAAUDIT_DAY(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday), at);
	}
}

static void lookalikes_are_told_from_other_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *expected;
	} tests[] = {
		{ "sectgo.com", "sectigo.com" },
		{ "sectigo.co", "sectigo.com" },
		{ "sectigo.net", "sectigo.com" },
		{ "sectigo", "sectigo.com" },
		{ "www.sectigo.com", "sectigo.com" },
		{ "esctigo.com", "sectigo.com" },
		{ "letsencrypt.com", "letsencrypt.org" },
		{ "letsencrypt", "letsencrypt.org" },
		{ "letsencypt.org", "letsencrypt.org" },
		{ "digicert.org", "digicert.com" },
		/* Names of other CAs, current ones as they are. */
		{ "entrust.com", "entrust.net" },
		{ "geotrust.net", "geotrust.com" },
		{ "geotust.com", "geotrust.com" },
		{ "harica.eu", "harica.gr" },
		{ "netlock.de", "netlock.hu" },
		{ "dtrust.net", "d-trust.net" },
		{ "actalis.com", "actalis.it" },
		{ "acme.sectigo.com", "sectigo.com" },
		{ "www.pki.goog", "pki.goog" },
		{ "www.ssl.com", "ssl.com" },
		/* Words that are no domain name. */
		{ "ssl", "ssl.com" },
		{ "SSL", "ssl.com" },
		{ "sslcom", "ssl.com" },
		{ "pkigoog", "pki.goog" },
		{ "google", NULL },
		{ "network", NULL },
		{ "pki.goog.com", "pki.goog" },
		{ "sll", NULL },
		{ "sslcom.org", NULL },
		{ "goog", NULL },
		{ "ca", NULL },
		{ "google.com", NULL },
		{ "visa.com.br", NULL },
		/* An old one leads to the new one. */
		{ "comodo.net", "sectigo.com" },
		{ "comodoca.co", "sectigo.com" },
		{ "sectigo.com", NULL },
		{ "comodo.com", NULL },
		{ "geotrust.com", NULL },
		{ "www.digicert.com", NULL },
		{ "ca.example.net", NULL },
		{ "sll.com", NULL },
		{ "telia.no", NULL },
		{ "sheka.com", NULL },
		{ "zerossl.com", NULL },
		{ "sec.com", NULL },
		{ "xsectigo.com", "sectigo.com" },
		{ "xxsectigo.com", NULL },
		{ "pki.google", NULL },
		{ "", NULL },
		{ ".", NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		const char *like = known_ca_lookalike((const uint8_t *)tests[i].name,
		                                      strlen(tests[i].name));
		if (tests[i].expected == NULL) {
			assert_null(like);
		} else {
			assert_non_null(like);
			assert_string_equal(like, tests[i].expected);
		}
	}
}

/* No name is an alarm, and one letter less is, unless that is a name of its own or a short one. */
static void the_names_themselves_raise_no_alarm(void **state)
{
	(void)state;
	unsigned alarms = 0;
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		for (const char *const *name = caaudit_cas[i].name; *name != NULL; name++) {
			size_t len = strlen(*name);
			assert_null(known_ca_lookalike((const uint8_t *)*name, len));
			size_t stem = strrchr(*name, '.') - *name;
			for (size_t at = 0; stem >= 6 && at < len; at++) {
				char less[128];
				sprintf(less, "%.*s%s", (int)at, *name, *name + at + 1);
				const char *like = known_ca_lookalike((const uint8_t *)less,
				                                      len - 1);
				if (find(less) == NULL) {
					assert_non_null(like);
					assert_non_null(find(like));
					assert_true(known_ca_is_current(find(like),
					                                (const uint8_t *)like,
					                                strlen(like)));
					alarms++;
				}
			}
		}
	}
	assert_true(alarms > 1000);
}

/* --- Products and accounts ----------------------------------------------------------------------- */

static void a_product_is_issued_by_its_ca_of_the_day(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint64_t now;
		const char *owner; /* NULL = no product. */
		caaudit_certainty_t certainty;
	} tests[] = {
		{ "zerossl.com", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_READ },
		{ "ZeroSSL", 0, "Sectigo", CAAUDIT_READ },
		{ "cpanel", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_THIRD_PARTY },
		{ "gogetssl", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_THIRD_PARTY },
		{ "positivessl", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_THIRD_PARTY },
		{ "Namecheap.com", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_THIRD_PARTY },
		{ "cpanel.net", CAAUDIT_DAY(2026, 11, 28), "Sectigo", CAAUDIT_THIRD_PARTY },
		{ "tencent", CAAUDIT_DAY(2023, 6, 1), "Sectigo", CAAUDIT_READ },
		{ "tencent", CAAUDIT_DAY(2025, 1, 1) - 1, "Sectigo", CAAUDIT_READ },
		{ "tencent", CAAUDIT_DAY(2025, 1, 1), "DigiCert", CAAUDIT_THIRD_PARTY },
		{ "tencent", CAAUDIT_DAY(2026, 6, 1) - 1, "DigiCert", CAAUDIT_THIRD_PARTY },
		{ "tencent", CAAUDIT_DAY(2026, 6, 1), "TrustAsia", CAAUDIT_THIRD_PARTY },
		{ "tencent", CAAUDIT_DAY(2040, 1, 1), "TrustAsia", CAAUDIT_THIRD_PARTY },
		{ "tcs", CAAUDIT_DAY(2024, 12, 31), "Sectigo", CAAUDIT_READ },
		{ "geant-tcs", CAAUDIT_DAY(2025, 1, 1), "HARICA", CAAUDIT_READ },
		{ "academia", CAAUDIT_DAY(2025, 1, 1), "HARICA", CAAUDIT_READ },
		{ "sectigo.com", 0, NULL, CAAUDIT_READ },
		{ "zerossl.co", 0, NULL, CAAUDIT_READ },
		{ "", 0, NULL, CAAUDIT_READ },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		const caaudit_product_t *product = known_product((const uint8_t *)tests[i].name,
		                                                 strlen(tests[i].name),
		                                                 tests[i].now);
		if (tests[i].owner == NULL) {
			assert_null(product);
			continue;
		}
		assert_non_null(product);
		assert_string_equal(caaudit_cas[product->ca].owner, tests[i].owner);
		assert_int_equal(product->source->certainty, tests[i].certainty);
	}
	/* A product is no issuer domain name. */
	for (size_t i = 0; i < caaudit_products_count; i++) {
		for (const char *const *name = caaudit_products[i].name; *name != NULL; name++) {
			assert_null(find(*name));
		}
	}
}

/* At any time a product has one issuer. */
static void periods_of_a_product_follow_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < caaudit_products_count; i++) {
		const caaudit_product_t *product = &caaudit_products[i];
		bool goes_on = i > 0 && strcmp(product[-1].product, product->product) == 0;
		assert_int_equal(product->since, goes_on ? product[-1].until : 0);
		bool last = i + 1 == caaudit_products_count ||
		            strcmp(product[1].product, product->product) != 0;
		assert_int_equal(product->until == 0, last);
		assert_true(last || product->since < product->until);
	}
}

/* The rest is in tests/parameters/cases.txt. */
static void accounts_are_told_by_their_host(void **state)
{
	(void)state;
	static const struct {
		const char *uri;
		known_account_t expected; /* For letsencrypt.org. */
	} tests[] = {
		{ "https://acme-v02.api.letsencrypt.org", KNOWN_ACCOUNT_NONE },
		{ "https://acme-v02.api.letsencrypt.org/acme/acct/", KNOWN_ACCOUNT_NONE },
		{ "https://acme-v02.api.letsencrypt.org/acme/acct/0", KNOWN_ACCOUNT_FITS },
		{ "https://acme-staging-v02.api.letsencrypt.org", KNOWN_ACCOUNT_STAGING },
		{ "https://acme-staging-v02.api.letsencrypt.org?x", KNOWN_ACCOUNT_STAGING },
		{ "https://acme-staging-v02.api.letsencrypt.org#x", KNOWN_ACCOUNT_STAGING },
		{ "https://a@b@acme-staging-v02.api.letsencrypt.org:1/x", KNOWN_ACCOUNT_STAGING },
		{ "http://acme-staging-v02.api.letsencrypt.org/", KNOWN_ACCOUNT_STAGING },
		{ "https:/acme-staging-v02.api.letsencrypt.org/", KNOWN_ACCOUNT_FITS },
		{ "https://example.com/@sectigo.com", KNOWN_ACCOUNT_FITS },
		{ "https://user@sectigo.com/", KNOWN_ACCOUNT_FOREIGN },
		{ "acct:a@sectigo.com", KNOWN_ACCOUNT_FOREIGN },
		{ "acct:a@sectigo.com/b", KNOWN_ACCOUNT_FOREIGN },
		{ "acct:sectigo.com", KNOWN_ACCOUNT_FITS },
		{ "acct:", KNOWN_ACCOUNT_FITS },
		{ "mailto:", KNOWN_ACCOUNT_NONE },
		{ "mailto", KNOWN_ACCOUNT_FITS },
		{ "acct", KNOWN_ACCOUNT_FITS },
		{ "https://", KNOWN_ACCOUNT_FITS },
		{ ":", KNOWN_ACCOUNT_FITS },
		{ "", KNOWN_ACCOUNT_FITS },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].uri);
		const caaudit_ca_info_t *owner = NULL;
		assert_int_equal(known_account((const uint8_t *)"letsencrypt.org", 15,
		                               (const uint8_t *)tests[i].uri, strlen(tests[i].uri),
		                               &owner),
		                 tests[i].expected);
		assert_int_equal(owner != NULL, tests[i].expected != KNOWN_ACCOUNT_FITS);
	}
}

/* --- Methods ------------------------------------------------------------------------------------- */

static bool takes_place_in_the_dns(const char *label)
{
	const caaudit_method_t *method = known_method((const uint8_t *)label, strlen(label));
	return method != NULL && method->kind == CAAUDIT_METHOD_DNS;
}

static void method_labels_are_letters_digits_and_hyphens(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool expected = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		                (c >= '0' && c <= '9') || c == '-';
		const uint8_t label[] = { 'a', c, 'b' };
		assert_int_equal(known_is_method_label(label, 3), expected);
		assert_int_equal(known_is_method_label(label, 2), expected);
		assert_int_equal(known_is_method_label(label + 1, 1), expected);
	}
	assert_false(known_is_method_label(NULL, 0));
	static const char *const dns[] = { "dns-01",         "DNS-01",   "dns-account-01",
		                           "dns-persist-01", "ca-tbr-7", "ca-tbr-21",
		                           "ca-tbr-22" };
	static const char *const other[] = { "",          "dns",         "dns-0",    "dns-011",
		                             "http-01",   "tls-alpn-01", "ca-tbr-4", "ca-tbr-77",
		                             "ca-tbr-19", "ca-tbr-2" };
	for (size_t i = 0; i < COUNT(dns); i++) {
		assert_true(takes_place_in_the_dns(dns[i]));
	}
	for (size_t i = 0; i < COUNT(other); i++) {
		assert_false(takes_place_in_the_dns(other[i]));
	}
}

static void a_label_stands_for_its_method_and_the_other_name_of_it(void **state)
{
	(void)state;
	static const struct {
		const char *label, *method;
		bool admits;
	} tests[] = {
		{ "dns-01", "dns-01", true },
		{ "ca-tbr-7", "dns-01", true },
		{ "dns-01", "ca-tbr-7", false },
		{ "http-01", "ca-tbr-19", true },
		{ "ca-tbr-19", "http-01", true },
		{ "ca-tbr-22", "dns-persist-01", true },
		{ "dns-persist-01", "ca-tbr-22", false },
		{ "DNS-01", "dns-01", false },
		{ "dns-0", "dns-01", false },
		{ "dns-012", "dns-01", false },
		{ "xyz", "xyz", true },
		{ "ca-tbr-7", "ca-tbr-77", false },
		{ "", "dns-01", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s %s\n", tests[i].label, tests[i].method);
		assert_int_equal(known_label_admits((const uint8_t *)tests[i].label,
		                                    strlen(tests[i].label), tests[i].method),
		                 tests[i].admits);
	}
}

/* --- Validations --------------------------------------------------------------------------------- */

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX31 "0123456789abcdef0123456789abcde"

static void validation_targets_are_recognized(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		const char *ca; /* "" = a family without a CA; NULL = none. */
		known_fit_t fit;
		bool renewal;
	} tests[] = {
		{ HEX32 "." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".SECTIGO.com.", "sectigo.com", KNOWN_FITS, false },
		{ "0123456789ABCDEF0123456789abcdef." HEX32 ".sectigo.com.", "sectigo.com",
		  KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".a1.sectigo.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".trust-provider.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".comodoca.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".1234567890123456789.sectigo.com.", "sectigo.com", KNOWN_FITS,
		  false },
		{ HEX32 "." HEX32 ".12345678901234567890.sectigo.com.", "sectigo.com", KNOWN_FITS,
		  false },
		{ HEX32 "." HEX32 ".123456789012345678901.sectigo.com.", "sectigo.com",
		  KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".a-1.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".a.b.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX31 "." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX31 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "0." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 "0.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX31 "g." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ "sectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".xsectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".sectigo.com.example.com.", NULL, KNOWN_MALFORMED, false },
		/* The suffix in the middle of a label. */
		{ "aaa\\007sectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ "_" HEX32 ".acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ "_" HEX32 ".abcdefghij.acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ "_" HEX32 ".a.b.acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		/* AWS allows it. */
		{ HEX32 ".acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ HEX32 ".abcdefghij.acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ HEX31 ".acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		{ "_" HEX31 ".acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		{ "acm-validations.aws.", NULL, KNOWN_MALFORMED, false },
		{ "dcv.digicert.com.", "digicert.com", KNOWN_FITS, false },
		{ "abc.dcv.digicert.com.", "digicert.com", KNOWN_FITS, false },
		{ "digicert.com.", NULL, KNOWN_MALFORMED, false },
		{ "u.0.authorize.certificatemanager.goog.", "pki.goog", KNOWN_FITS, true },
		{ "authorize.certificatemanager.goog.", NULL, KNOWN_MALFORMED, false },
		{ "example.com.u.dcv.cloudflare.com.", "", KNOWN_FITS, true },
		{ "ac." HEX32 ".www.example.com.validate-akdv.net.", "", KNOWN_FITS, true },
		{ "AC." HEX32 ".example.com.VALIDATE-akdv.net.", "", KNOWN_FITS, true },
		{ "ac." HEX32 ".validate-akdv.net.", "", KNOWN_MALFORMED, true },
		{ "ac." HEX31 ".example.com.validate-akdv.net.", "", KNOWN_MALFORMED, true },
		{ "ab." HEX32 ".example.com.validate-akdv.net.", "", KNOWN_MALFORMED, true },
		{ "validate-akdv.net.", NULL, KNOWN_MALFORMED, false },
		{ "9u55qij5w2odiwqxfi.fastly-validations.com.", "", KNOWN_FITS, true },
		{ "9u55-ij5w2.fastly-validations.com.", "", KNOWN_MALFORMED, true },
		{ "a.b.fastly-validations.com.", "", KNOWN_MALFORMED, true },
		{ "example.com.176473522002136.dcv.aliyun-esa.com.", "", KNOWN_FITS, true },
		{ "dcv.aliyun-esa.com.", NULL, KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".ssl.com.", "ssl.com", KNOWN_FITS, false },
		{ "x.ssl.com.", "ssl.com", KNOWN_FITS, false },
		{ "ssl.com.", NULL, KNOWN_MALFORMED, false },
		{ "x.xssl.com.", NULL, KNOWN_MALFORMED, false },
		{ ".", NULL, KNOWN_MALFORMED, false },
		{ "com.", NULL, KNOWN_MALFORMED, false },
		{ "target.example.net.", NULL, KNOWN_MALFORMED, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].target);
		const knot_dname_t *target = dname(tests[i].target);
		known_fit_t fit = KNOWN_UNDERSCORE;
		const caaudit_form_t *family = known_validation(target, knot_dname_size(target),
		                                                &fit);
		if (tests[i].ca == NULL) {
			assert_null(family);
			continue;
		}
		assert_non_null(family);
		assert_string_equal(family->ca == NULL ? "" : family->ca, tests[i].ca);
		assert_int_equal(fit, tests[i].fit);
		assert_int_equal(family->renewal, tests[i].renewal);
		assert_non_null(family->name);
		assert_non_null(family->source);
	}
}

static void validation_owners_go_with_their_family(void **state)
{
	(void)state;
	static const char sectigo[] = HEX32 "." HEX32 ".sectigo.com.";
	static const char digicert[] = "dcv.digicert.com.";
	static const char dnsauth[] = "x.dcv.digicert.com.";
	static const char google[] = "u.authorize.certificatemanager.goog.";
	static const char acm[] = HEX32 ".acm-validations.aws.";
	static const char akamai[] = "ac." HEX32 ".example.com.validate-akdv.net.";
	static const char esa[] = "example.com.1.dcv.aliyun-esa.com.";
	static const char ssl[] = HEX32 "." HEX32 ".ssl.com.";
	static const struct {
		const char *target, *owner;
		known_fit_t fit;
	} tests[] = {
		{ sectigo, "_" HEX32 ".example.com.", KNOWN_FITS },
		{ sectigo, "_0123456789ABCDEF0123456789ABCDEF.example.com.", KNOWN_FITS },
		{ sectigo, "_" HEX32 ".", KNOWN_FITS },
		{ sectigo, HEX32 ".example.com.", KNOWN_UNDERSCORE },
		{ sectigo, "_" HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "_" HEX32 "0.example.com.", KNOWN_MALFORMED },
		{ sectigo, "_" HEX31 "g.example.com.", KNOWN_MALFORMED },
		{ sectigo, HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "__" HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "*.example.com.", KNOWN_MALFORMED },
		{ sectigo, "www.example.com.", KNOWN_MALFORMED },
		{ sectigo, ".", KNOWN_MALFORMED },
		{ digicert, "_x.example.com.", KNOWN_FITS },
		{ digicert, "_.example.com.", KNOWN_MALFORMED },
		{ digicert, "x.example.com.", KNOWN_UNDERSCORE },
		{ dnsauth, "_dnsauth.example.com.", KNOWN_FITS },
		{ dnsauth, "_DNSAUTH.example.com.", KNOWN_FITS },
		{ dnsauth, "dnsauth.example.com.", KNOWN_UNDERSCORE },
		{ dnsauth, "_dnsauth1.example.com.", KNOWN_MALFORMED },
		{ dnsauth, "_x.example.com.", KNOWN_MALFORMED },
		{ google, "_acme-challenge.example.com.", KNOWN_FITS },
		{ google, "_ACME-challenge_abc.example.com.", KNOWN_FITS },
		{ google, "acme-challenge.example.com.", KNOWN_UNDERSCORE },
		{ google, "_acme-challeng.example.com.", KNOWN_MALFORMED },
		{ acm, "_" HEX32 ".example.com.", KNOWN_FITS },
		{ acm, HEX32 ".example.com.", KNOWN_UNDERSCORE },
		{ akamai, "_acme-challenge.example.com.", KNOWN_FITS },
		{ akamai, "_acme-challenge_abc.example.com.", KNOWN_MALFORMED },
		{ esa, "_dnsauth.example.com.", KNOWN_FITS },
		{ esa, "_acme-challenge.example.com.", KNOWN_FITS },
		{ esa, "_dnsaut.example.com.", KNOWN_MALFORMED },
		{ ssl, "_" HEX32 ".example.com.", KNOWN_FITS },
		{ ssl, "www.example.com.", KNOWN_MALFORMED },
		/* 63 octets: no room for an underscore. */
		{ google, "acme-challenge0123456789012345678901234567890123456789012345678.test.",
		  KNOWN_UNDERSCORE },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s %s\n", tests[i].owner, tests[i].target);
		const knot_dname_t *target = dname(tests[i].target);
		known_fit_t fit;
		const caaudit_form_t *family = known_validation(target, knot_dname_size(target),
		                                                &fit);
		assert_non_null(family);
		assert_int_equal(known_validation_owner(family, dname(tests[i].owner)),
		                 tests[i].fit);
	}
}

static void a_form_that_ended_has_its_day(void **state)
{
	(void)state;
	known_fit_t fit;
	const knot_dname_t *old = dname("dcv.digicert.com."), *new = dname("x.dcv.digicert.com.");
	assert_int_equal(known_validation(old, knot_dname_size(old), &fit)->ended,
	                 CAAUDIT_DAY(2025, 10, 28));
	assert_int_equal(known_validation(new, knot_dname_size(new), &fit)->ended, 0);
}

/* Who climbs, by the form of the record, or by a name that only ACME asks for. */
static void only_sectigo_is_known_to_climb(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *target;
		caaudit_climb_t climb;
	} tests[] = {
		{ "_" HEX32 ".www.example.com.", HEX32 "." HEX32 ".sectigo.com.", CAAUDIT_CLIMBS },
		{ "_" HEX32 ".www.example.com.", HEX32 "." HEX32 ".trust-provider.com.",
		  CAAUDIT_CLIMBS },
		{ "_" HEX32 ".www.example.com.", HEX32 "." HEX32 ".comodoca.com.", CAAUDIT_CLIMBS },
		{ "_" HEX32 ".www.example.com.", "_" HEX32 ".acm-validations.aws.", CAAUDIT_EXACT },
		{ "_acme-challenge.www.example.com.", "u.authorize.certificatemanager.goog.",
		  CAAUDIT_EXACT },
		{ "_acme-challenge_p.www.example.com.", "u.authorize.certificatemanager.goog.",
		  CAAUDIT_EXACT },
		{ "_acme-challenge.www.example.com.", "u.auth.acme-dns.example.", CAAUDIT_EXACT },
		{ "_ACME-Challenge.www.example.com.", "u.example.net.", CAAUDIT_EXACT },
		{ "_ujmmovf2vn55tgye._acme-challenge.example.com.", "u.example.net.",
		  CAAUDIT_EXACT },
		{ "_dnsauth.www.example.com.", "x.dcv.digicert.com.", CAAUDIT_NOT_KNOWN },
		{ "_dnsauth.www.example.com.", "example.com.1.dcv.aliyun-esa.com.",
		  CAAUDIT_NOT_KNOWN },
		{ "_x.www.example.com.", "u.example.net.", CAAUDIT_NOT_KNOWN },
		{ "a.b._acme-challenge.example.com.", "u.example.net.", CAAUDIT_NOT_KNOWN },
		{ ".", "u.example.net.", CAAUDIT_NOT_KNOWN },
		{ "com.", "u.example.net.", CAAUDIT_NOT_KNOWN },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s %s\n", tests[i].owner, tests[i].target);
		known_fit_t fit;
		const knot_dname_t *target = dname(tests[i].target);
		assert_int_equal(known_climb(dname(tests[i].owner),
		                             known_validation(target, knot_dname_size(target),
		                                              &fit)),
		                 tests[i].climb);
	}
}

static void zones_near_validations_are_known(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		bool near;
	} tests[] = {
		{ ".", true },
		{ "com.", true },
		{ "aws.", true },
		{ "goog.", true },
		{ "sectigo.com.", true },
		{ "x.sectigo.com.", true },
		{ "cloudflare.com.", true },
		{ "dcv.cloudflare.com.", true },
		{ "com.example.", false },
		{ "example.", false },
		{ "om.", false },
		{ "xsectigo.com.", false },
		{ "example.com.", false },
		{ "sectigo.com.example.", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].zone);
		const knot_dname_t *zone = dname(tests[i].zone);
		assert_int_equal(known_validation_near(zone, knot_dname_size(zone)), tests[i].near);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ca_accepts_its_names_and_no_others),
		cmocka_unit_test(a_name_in_common_leads_to_who_publishes_it_or_comes_first),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(lookalikes_are_told_from_other_names),
		cmocka_unit_test(the_names_themselves_raise_no_alarm),
		cmocka_unit_test(a_product_is_issued_by_its_ca_of_the_day),
		cmocka_unit_test(periods_of_a_product_follow_each_other),
		cmocka_unit_test(accounts_are_told_by_their_host),
		cmocka_unit_test(method_labels_are_letters_digits_and_hyphens),
		cmocka_unit_test(a_label_stands_for_its_method_and_the_other_name_of_it),
		cmocka_unit_test(validation_targets_are_recognized),
		cmocka_unit_test(validation_owners_go_with_their_family),
		cmocka_unit_test(a_form_that_ended_has_its_day),
		cmocka_unit_test(only_sectigo_is_known_to_climb),
		cmocka_unit_test(zones_near_validations_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
