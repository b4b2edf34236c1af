/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "known.h"
#include "names.h"

/* Sectigo CP/CPS 6.2.2 section 4.2.4, read 2026-11: three names, two that are deprecated but
 * accepted, two by contract. */
static const char *const sectigo[] = { "sectigo.com",        "usertrust.com",
	                               "trust-provider.com", "entrust.net",
	                               "affirmtrust.com",    "comodo.com",
	                               "comodoca.com",       NULL };
/* AWS Certificate Manager user guide, "Configure a CAA record", read 2026-11: any of four. */
static const char *const amazon[] = { "amazon.com", "amazontrust.com", "awstrust.com",
	                              "amazonaws.com", NULL };
/* The rest stand for the one name that their own CAA instructions give; 2026-11. */
static const char *const letsencrypt[] = { "letsencrypt.org", NULL };
static const char *const digicert[] = { "digicert.com", NULL };
static const char *const google[] = { "pki.goog", NULL };
static const char *const globalsign[] = { "globalsign.com", NULL };
static const char *const godaddy[] = { "godaddy.com", NULL };

static const known_ca_t cas[] = {
	{ sectigo, 5, true },  { letsencrypt, 1, false }, { digicert, 1, false },
	{ google, 1, false },  { amazon, 4, false },      { globalsign, 1, false },
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

/*! Is a label so many hexadecimal digits after a prefix? */
static bool is_hex_label(const uint8_t *label, size_t len, const char *prefix, size_t digits)
{
	size_t skip = strlen(prefix);
	if (len != skip + digits || memcmp(label, prefix, skip) != 0) {
		return false;
	}
	for (size_t i = skip; i < len; i++) {
		uint8_t c = ascii_lower(label[i]);
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
			return false;
		}
	}
	return true;
}

/*! Sectigo: 32 hex . 32 hex [. up to 20 letters or digits]. */
static bool is_sectigo_target(const knot_dname_t *target, unsigned labels)
{
	if ((labels != 2 && labels != 3) || !is_hex_label(target + 1, target[0], "", 32)) {
		return false;
	}
	const knot_dname_t *second = name_parent(target);
	if (!is_hex_label(second + 1, second[0], "", 32)) {
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
static bool is_acm_target(const knot_dname_t *target, unsigned labels)
{
	return (labels == 1 || labels == 2) && is_hex_label(target + 1, target[0], "_", 32);
}

static bool is_any_target(const knot_dname_t *target, unsigned labels)
{
	(void)target;
	(void)labels;
	return true;
}

static bool is_hash_owner(const uint8_t *label, size_t len)
{
	return is_hex_label(label, len, "_", 32);
}

static bool is_any_owner(const uint8_t *label, size_t len)
{
	return len > 1 && label[0] == '_';
}

static bool is_dnsauth_owner(const uint8_t *label, size_t len)
{
	return octets_equal_str(label, len, "_dnsauth");
}

/*! "_acme-challenge"; an account or project may be appended. */
static bool is_acme_owner(const uint8_t *label, size_t len)
{
	static const char challenge[] = "_acme-challenge";
	size_t prefix = sizeof(challenge) - 1;
	return len >= prefix && octets_equal_str(label, prefix, challenge);
}

/*! One row a family and suffix; \a family comes first, so that it leads to its row. */
typedef struct {
	known_validation_t family;
	const char *suffix; /*!< Wire form. */
	size_t suffix_size; /*!< Octets of \a suffix, its root label included. */
	bool below;         /*!< The target has labels before the suffix. */
	bool (*target)(const knot_dname_t *target, unsigned labels);
	bool (*owner)(const uint8_t *label, size_t len);
} validation_row_t;

#define SUFFIX(wire) wire, sizeof(wire)

static const validation_row_t validations[] = {
	{ { "Sectigo", "sectigo.com", false, "Sectigo FAQ on CNAME validation, 2026-11" },
	  SUFFIX("\007sectigo\003com"),
	  true,
	  is_sectigo_target,
	  is_hash_owner },
	{ { "Sectigo", "sectigo.com", false, "Tencent Cloud SSL documentation, 2026-11" },
	  SUFFIX("\016trust-provider\003com"),
	  true,
	  is_sectigo_target,
	  is_hash_owner },
	{ { "Sectigo", "sectigo.com", false, "Sectigo FAQ on CNAME validation, 2026-11" },
	  SUFFIX("\010comodoca\003com"),
	  true,
	  is_sectigo_target,
	  is_hash_owner },
	{ { "AWS Certificate Manager", "amazon.com", true,
	    "AWS Certificate Manager guide, 2026-11" },
	  SUFFIX("\017acm-validations\003aws"),
	  true,
	  is_acm_target,
	  is_hash_owner },
	{ { "DigiCert", "digicert.com", false, "DigiCert documentation, 2026-11" },
	  SUFFIX("\003dcv\010digicert\003com"),
	  false,
	  is_any_target,
	  is_any_owner },
	{ { "DigiCert", "digicert.com", false, "DigiCert documentation, 2026-11" },
	  SUFFIX("\003dcv\010digicert\003com"),
	  true,
	  is_any_target,
	  is_dnsauth_owner },
	{ { "Google Certificate Manager", "pki.goog", true, "Google Cloud documentation, 2026-11" },
	  SUFFIX("\011authorize\022certificatemanager\004goog"),
	  true,
	  is_any_target,
	  is_acme_owner },
	{ { "Cloudflare", NULL, true, "Cloudflare documentation, 2026-11" },
	  SUFFIX("\003dcv\012cloudflare\003com"),
	  true,
	  is_any_target,
	  is_acme_owner },
};

const known_validation_t *known_validation(const knot_dname_t *target, size_t size,
                                           known_fit_t *fit)
{
	for (size_t i = 0; i < sizeof(validations) / sizeof(validations[0]); i++) {
		const validation_row_t *row = &validations[i];
		size_t suffix = row->suffix_size;
		// Most targets differ in the length of a label: no need to compare the rest.
		if (size < suffix || (size > suffix) != row->below ||
		    target[size - suffix] != (uint8_t)row->suffix[0] ||
		    !octets_equal(target + size - suffix, suffix, (const uint8_t *)row->suffix,
		                  suffix)) {
			continue;
		}
		unsigned labels = 0;
		const knot_dname_t *at = target;
		while (at < target + size - suffix) {
			at = name_parent(at);
			labels++;
		}
		if (at == target + size - suffix) { // Not in the middle of a label.
			*fit = row->target(target, labels) ? KNOWN_FITS : KNOWN_MALFORMED;
			return &row->family;
		}
	}
	return NULL;
}

bool known_validation_near(const knot_dname_t *zone, size_t size)
{
	for (size_t i = 0; i < sizeof(validations) / sizeof(validations[0]); i++) {
		const uint8_t *suffix = (const uint8_t *)validations[i].suffix;
		size_t suffix_size = validations[i].suffix_size;
		size_t common = size < suffix_size ? size : suffix_size;
		if (octets_equal(zone + size - common, common, suffix + suffix_size - common,
		                 common)) {
			return true;
		}
	}
	return false;
}

known_fit_t known_validation_owner(const known_validation_t *family, const knot_dname_t *owner)
{
	const validation_row_t *row = (const validation_row_t *)family;
	if (row->owner(owner + 1, owner[0])) {
		return KNOWN_FITS;
	}
	uint8_t label[1 + KNOT_DNAME_MAXLABELLEN] = { '_' };
	memcpy(label + 1, owner + 1, owner[0]);
	return owner[0] > 0 && owner[1] != '_' && row->owner(label, 1 + owner[0]) ?
	               KNOWN_UNDERSCORE :
	               KNOWN_MALFORMED;
}
