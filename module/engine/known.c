/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "known.h"
#include "names.h"

/* Sectigo CP/CPS 6.2.2 section 4.2.4, read 2026-11: three names, two that are deprecated but
 * accepted, two by contract. */
static const char *const sectigo[] = {
	"sectigo.com", "usertrust.com", "trust-provider.com",
	"entrust.net", "affirmtrust.com",
	"comodo.com", "comodoca.com", NULL
};
/* AWS Certificate Manager user guide, "Configure a CAA record", read 2026-11: any of four. */
static const char *const amazon[] = {
	"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", NULL
};
/* The rest stand for the one name that their own CAA instructions give; 2026-11. */
static const char *const letsencrypt[] = { "letsencrypt.org", NULL };
static const char *const digicert[] = { "digicert.com", NULL };
static const char *const google[] = { "pki.goog", NULL };
static const char *const globalsign[] = { "globalsign.com", NULL };
static const char *const godaddy[] = { "godaddy.com", NULL };

static const known_ca_t cas[] = {
	{ sectigo, 5, true },
	{ letsencrypt, 1, false },
	{ digicert, 1, false },
	{ google, 1, false },
	{ amazon, 4, false },
	{ globalsign, 1, false },
	{ godaddy, 1, false },
};
#define CAS (sizeof(cas) / sizeof(cas[0]))

const known_ca_t *known_ca_find(const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < CAS; i++) {
		for (const char *const *known = cas[i].name; *known != NULL; known++) {
			if (octets_equal_str(name, len, *known)) {
				return &cas[i];
			}
		}
	}
	return NULL;
}

bool known_ca_is_current(const known_ca_t *ca, const uint8_t *name, size_t len)
{
	for (unsigned i = 0; i < ca->current; i++) {
		if (octets_equal_str(name, len, ca->name[i])) {
			return true;
		}
	}
	return false;
}

/*! Octets before the last label, that is "letsencrypt" of letsencrypt.org. */
static size_t stem_len(const uint8_t *name, size_t len)
{
	size_t stem = len;
	while (stem > 0 && name[stem - 1] != '.') {
		stem--;
	}
	return stem > 0 ? stem - 1 : len;
}

const char *known_ca_lookalike(const uint8_t *name, size_t len)
{
	if (known_ca_find(name, len) != NULL) {
		return NULL;
	}
	size_t stem = stem_len(name, len);
	for (size_t i = 0; i < CAS; i++) {
		const char *known = cas[i].name[0];
		size_t known_len = strlen(known);
		size_t known_stem = stem_len((const uint8_t *)known, known_len);
		if (known_stem < 6) {
			continue; // Short names are close to many others.
		}
		// sectgo.com, sectigo.net, sectigo, www.sectigo.com
		bool below = len > known_len && name[len - known_len - 1] == '.' &&
		             octets_equal_str(name + len - known_len, known_len, known);
		if (octets_distance(name, len, (const uint8_t *)known, known_len, 1) <= 1 ||
		    octets_equal(name, stem, (const uint8_t *)known, known_stem) || below) {
			return known;
		}
	}
	return NULL;
}

bool known_is_method_label(const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!ascii_alnum(label[i]) && label[i] != '-') {
			return false;
		}
	}
	return len > 0;
}

bool known_is_dns_method(const uint8_t *label, size_t len)
{
	/* IANA, "ACME Validation Methods"; CA/B ballot SC-098: ca-tbr-7 is DNS Change. 2026-11. */
	static const char *const methods[] = { "dns-01", "dns-account-01", "dns-persist-01",
	                                       "ca-tbr-7" };
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (octets_equal_str(label, len, methods[i])) {
			return true;
		}
	}
	return false;
}

/*! Is a label so many hexadecimal digits after an optional prefix? */
static bool is_hex_label(const knot_dname_t *label, char prefix, size_t digits)
{
	size_t len = label[0];
	const uint8_t *at = label + 1;
	if (prefix != '\0') {
		if (len == 0 || *at != (uint8_t)prefix) {
			return false;
		}
		at++;
		len--;
	}
	if (len != digits) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!((at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f'))) {
			return false;
		}
	}
	return true;
}

/*! Labels of \a name above which \a suffix stands, -1 if it does not end so. */
static int labels_before(const knot_dname_t *name, const char *suffix)
{
	knot_dname_storage_t wire;
	if (knot_dname_from_str(wire, suffix, sizeof(wire)) == NULL) {
		return -1;
	}
	int labels = knot_dname_in_bailiwick(name, wire);
	return labels < 0 ? -1 : labels;
}

/*! Sectigo: 32 hex . 32 hex [. up to 20 letters or digits]. */
static bool is_sectigo(const knot_dname_t *target, int labels)
{
	const knot_dname_t *second = name_parent(target);
	if ((labels != 2 && labels != 3) || !is_hex_label(target, '\0', 32) ||
	    !is_hex_label(second, '\0', 32)) {
		return false;
	}
	const knot_dname_t *third = name_parent(second);
	for (size_t i = 1; labels == 3 && i <= third[0]; i++) {
		if (!ascii_alnum(third[i])) {
			return false;
		}
	}
	return labels == 2 || third[0] <= 20;
}

/*! AWS Certificate Manager: _ 32 hex [. 10 letters]. */
static bool is_acm(const knot_dname_t *target, int labels)
{
	return (labels == 1 || labels == 2) && is_hex_label(target, '_', 32);
}

static bool is_exact(const knot_dname_t *target, int labels)
{
	(void)target;
	return labels == 0;
}

static bool is_below(const knot_dname_t *target, int labels)
{
	(void)target;
	return labels >= 1;
}

static const struct {
	const char *suffix;
	bool (*match)(const knot_dname_t *target, int labels);
	known_validation_t family;
} validations[] = {
	{ "sectigo.com.", is_sectigo,
	  { "Sectigo", "sectigo.com", false, "Sectigo FAQ on CNAME validation, 2026-11" } },
	{ "trust-provider.com.", is_sectigo,
	  { "Sectigo", "sectigo.com", false, "Tencent Cloud SSL documentation, 2026-11" } },
	{ "comodoca.com.", is_sectigo,
	  { "Sectigo", "sectigo.com", false, "Sectigo FAQ on CNAME validation, 2026-11" } },
	{ "acm-validations.aws.", is_acm,
	  { "AWS Certificate Manager", "amazon.com", true, "AWS Certificate Manager user guide, 2026-11" } },
	{ "dcv.digicert.com.", is_exact,
	  { "DigiCert", "digicert.com", false, "DigiCert documentation, 2026-11" } },
	{ "dcv.digicert.com.", is_below,
	  { "DigiCert", "digicert.com", false, "DigiCert documentation, 2026-11" } },
	{ "authorize.certificatemanager.goog.", is_below,
	  { "Google Certificate Manager", "pki.goog", true, "Google Cloud documentation, 2026-11" } },
	{ "dcv.cloudflare.com.", is_below,
	  { "Cloudflare", NULL, true, "Cloudflare documentation, 2026-11" } },
};

const known_validation_t *known_validation(const knot_dname_t *owner, const knot_dname_t *target)
{
	if (owner[0] == 0 || owner[1] != '_') {
		return NULL;
	}
	for (size_t i = 0; i < sizeof(validations) / sizeof(validations[0]); i++) {
		int labels = labels_before(target, validations[i].suffix);
		if (labels >= 0 && validations[i].match(target, labels)) {
			return &validations[i].family;
		}
	}
	return NULL;
}
