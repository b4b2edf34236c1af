/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Checks of each CAA record by itself: flags, tag, value. */

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "checks.h"
#include "caaset.h"
#include "known.h"
#include "names.h"
#include "params.h"

/*! Octets of a zone that a message repeats. */
#define OCTETS_MAX 64
/*! Octets of a text that is compared with what could have been meant. */
#define PLAIN_MAX 63
/*! Longest tag of RFC 6844 section 5.1.1. */
#define TAG_MAX 15

static bool is_critical(const caaudit_caa_t *caa)
{
	return (caa->flags & CAAUDIT_CAA_CRITICAL) != 0;
}

/*! Registered tag that a text is a slip of the pen for, or NULL. */
static const char *similar_tag(const uint8_t *tag, size_t len)
{
	static const char *const tags[] = { "issue",    "issuewild",    "iodef",       "issuemail",
		                            "issuevmc", "contactemail", "contactphone" };
	uint8_t plain[PLAIN_MAX];
	size_t plain_len = octets_plain(tag, len, "", plain, sizeof(plain));
	const char *best = NULL;
	unsigned best_distance = 3;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		// Two slips in a long tag, one in a short one.
		unsigned limit = strlen(tags[i]) > 6 ? 2 : 1;
		unsigned distance = octets_distance(plain, plain_len, OCTETS(tags[i]), limit);
		if (distance <= limit && distance < best_distance) {
			best = tags[i];
			best_distance = distance;
		}
	}
	return best;
}

/*! Does anything stand behind the first ";"? */
static bool has_params(const caaudit_caa_t *caa)
{
	const uint8_t *at = memchr(caa->value, ';', caa->value_len);
	const uint8_t *end = caa->value + caa->value_len;
	while (at != NULL && at < end && (*at == ';' || ascii_blank(*at))) {
		at++;
	}
	return at != NULL && at < end;
}

/*!
 * \brief Finds the CA whose name is written in words, with blanks in it, or with "," for ".".
 *
 * \return Its issuer domain name, or NULL.
 */
static const char *find_meant(const caaudit_caa_t *caa)
{
	uint8_t value[PLAIN_MAX], owner[PLAIN_MAX];
	size_t len = octets_plain(caa->value, caa->value_len, "-.,", value, sizeof(value));
	for (size_t i = 0; i < len; i++) {
		value[i] = value[i] == ',' ? '.' : value[i];
	}
	const caaudit_ca_info_t *known = known_ca_find(value, len);
	for (size_t i = 0; known == NULL && len > 0 && i < CAAUDIT_CA__COUNT; i++) {
		const char *name = caaudit_cas[i].owner;
		size_t size = octets_plain(OCTETS(name), "-.", owner, sizeof(owner));
		if (size == len && memcmp(owner, value, len) == 0) {
			known = &caaudit_cas[i];
		}
	}
	return known != NULL ? known->name[0] : NULL;
}

/*! Names of CAs in a value, as somebody writes who wants one record for several. */
static unsigned count_issuers(const caaudit_caa_t *caa)
{
	static const char separators[] = " \t,;|&/";
	// The parts of a path may look like names.
	bool path = memchr(caa->value, '/', caa->value_len) != NULL;
	unsigned count = 0;
	size_t i = 0;
	while (i < caa->value_len) {
		size_t begin = i;
		while (i < caa->value_len && strchr(separators, caa->value[i]) == NULL) {
			i++;
		}
		caaudit_issue_t issue;
		count += memchr(caa->value + begin, '.', i - begin) != NULL &&
		         caaudit_issue_parse(caa->value + begin, i - begin, &issue, NULL) ==
		                 KNOT_EOK &&
		         (!path || known_ca_next(NULL, issue.issuer, issue.issuer_len) != NULL);
		i++;
	}
	return count;
}

/*! Octets of "[CAA] FLAGS TAG" with the tag of the property before its value; 0 if none stand there. */
static size_t pasted_len(const caaudit_caa_t *caa)
{
	const uint8_t *value = caa->value;
	size_t len = caa->value_len, tag = caa->tag_len;
	size_t flags = len > 4 && octets_equal_str(value, 4, "caa ") ? 4 : 0, at = flags;
	while (at < len && value[at] >= '0' && value[at] <= '9') {
		at++;
	}
	bool is = at > flags && len - at > tag + 2 && value[at] == ' ' &&
	          octets_equal(value + at + 1, tag, caa->tag, tag) && value[at + 1 + tag] == ' ';
	return is ? at + 1 + tag : 0;
}

/*! Does a control character stand in a value? Letters may be part of it, as in "ESC [31m". */
static bool has_control(const caaudit_caa_t *caa)
{
	for (size_t i = 0; i < caa->value_len; i++) {
		if ((caa->value[i] < 0x20 && caa->value[i] != '\t') || caa->value[i] == 0x7f) {
			return true;
		}
	}
	return false;
}

/*!
 * \brief Takes what surrounds an issuer domain name off a malformed value.
 *
 * Without its parameters the record would permit more than was meant.
 *
 * \return Octets of the name at \a out, 0 if there is no single name, or parameters.
 */
static size_t salvage_name(const caaudit_caa_t *caa, uint8_t out[256])
{
	const uint8_t *at = caa->value + pasted_len(caa), *end = caa->value + caa->value_len;
	if (has_params(caa)) {
		return 0;
	}
	const char *known = find_meant(caa);
	if (known != NULL) {
		memcpy(out, known, strlen(known));
		return strlen(known);
	}
	// Quotes of any kind, blanks, "https://", "*." in front; a path, dots, quotes behind.
	while (at < end && !ascii_alnum(*at)) {
		at++;
	}
	const uint8_t *stop = at;
	while (stop < end && ascii_host(*stop)) {
		stop++;
	}
	static const char *const schemes[] = { "http", "https" };
	for (size_t i = 0; i < 2; i++) {
		if (end - stop > 3 && memcmp(stop, "://", 3) == 0 &&
		    octets_equal_str(at, stop - at, schemes[i])) {
			at = stop += 3;
			while (stop < end && ascii_host(*stop)) {
				stop++;
			}
		}
	}
	const uint8_t *rest = stop;
	while (stop > at && !ascii_alnum(stop[-1])) {
		stop--;
	}
	// What follows may be a path, a parameter or a quote, but no second name.
	if (rest < end && *rest == '/' && count_issuers(caa) > 1) {
		return 0;
	} else if (rest < end && *rest != '/' && *rest != ';') {
		while (rest < end && !ascii_alnum(*rest)) {
			rest++;
		}
		if (rest < end) {
			return 0;
		}
	}
	size_t len = stop - at;
	caaudit_issue_t issue;
	if (len == 0 || len > 253 || memchr(at, '.', len) == NULL ||
	    caaudit_issue_parse(at, len, &issue, NULL) != KNOT_EOK ||
	    (has_control(caa) && known_ca_find(at, len) == NULL)) {
		return 0;
	}
	octets_lower(out, at, len);
	return len;
}

/*! Adds the record as it should be, and where. */
static void add_remedy(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                       const caaudit_caa_t *right)
{
	knot_dname_storage_t meant;
	const knot_dname_t *owner = record->owner;
	if (audit_is_doubled(audit, owner, meant)) {
		owner = meant;
	}
	caaudit_rrset_t rrset = caaudit_view_rrset(audit->view, owner, KNOT_RRTYPE_CAA);
	for (size_t i = 0; i < rrset.count && i < CAASET_PAIRS_MAX; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		if (caaset_property(rrset.record[i], &caa, &has) && caa.flags == right->flags &&
		    octets_equal(caa.tag, caa.tag_len, right->tag, right->tag_len) &&
		    octets_compare(caa.value, caa.value_len, right->value, right->value_len) == 0) {
			draft->removable = true;
			text_add(&draft->what, ", and what is meant is there already");
			return;
		}
	}
	char tag[UINT8_MAX + 1];
	memcpy(tag, right->tag, right->tag_len);
	tag[right->tag_len] = '\0';
	audit_right_caa(audit, owner, record->ttl, right->flags, tag, right->value,
	                right->value_len);
}

/*! Adds the record with another value, which is freed. */
static void add_revalued(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                         const caaudit_caa_t *caa, text_t *value)
{
	caaudit_caa_t right = *caa;
	right.value = (const uint8_t *)value->str;
	right.value_len = value->len;
	if (value->failed) {
		audit->failed = true;
	} else if (value->len <= UINT16_MAX) {
		add_remedy(audit, draft, record, &right);
	}
	text_free(value);
}

/*! Adds the record with the tag that was meant; a value that is malformed for it is mended as well. */
static void add_retagged(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                         const caaudit_caa_t *caa, const char *tag)
{
	uint8_t name[256];
	caaudit_issue_t issue;
	// A permission that was meant must not be lost: the flag is kept off.
	caaudit_caa_t right = { 0, (uint8_t)strlen(tag), caa->value_len, (const uint8_t *)tag,
		                caa->value };
	if (caaset_is_issue_like(caaudit_caa_tag(OCTETS(tag))) &&
	    caaudit_issue_parse(caa->value, caa->value_len, &issue, NULL) != KNOT_EOK) {
		size_t len = salvage_name(caa, name);
		right.value = len > 0 ? name : right.value;
		right.value_len = len > 0 ? (uint16_t)len : right.value_len;
	}
	add_remedy(audit, draft, record, &right);
}

/*! Adds the record as it is but for its flags. */
static void add_reflagged(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                          const caaudit_caa_t *caa, uint8_t flags)
{
	caaudit_caa_t right = *caa;
	right.flags = flags;
	add_remedy(audit, draft, record, &right);
}

static void add_meant(draft_t *draft, const char *meant)
{
	if (meant != NULL) {
		text_add(&draft->what, " (did you mean %s?)", meant);
	}
}

bool property_is_swapped(const caaudit_caa_t *caa)
{
	caaudit_tag_t tag = caaudit_caa_tag(caa->tag, caa->tag_len);
	return (tag == CAAUDIT_TAG_UNKNOWN || tag == CAAUDIT_TAG_RESERVED) && caa->tag_len > 0 &&
	       caa->value_len <= TAG_MAX &&
	       caaudit_caa_tag(caa->value, caa->value_len) != CAAUDIT_TAG_UNKNOWN;
}

/*! Does a record stand where CAs see it? */
static bool is_seen(const audit_t *audit, const caaudit_record_t *record)
{
	uint16_t type;
	knot_dname_storage_t meant;
	return !audit_is_doubled(audit, record->owner, meant) &&
	       caaudit_view_occluded(audit->view, record->owner, &type) == NULL;
}

/*! Reports a property whose value is a tag, and whose tag must be the value then. */
static bool check_swapped(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                          bool refused)
{
	uint8_t tag[TAG_MAX];
	if (!property_is_swapped(caa)) {
		return false;
	}
	octets_lower(tag, caa->value, caa->value_len);
	const caaudit_caa_t right = { caa->flags & CAAUDIT_CAA_CRITICAL, (uint8_t)caa->value_len,
		                      caa->tag_len, tag, caa->tag };
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_PROPERTY_SWAPPED, record);
	if (refused) {
		draft->severity = CAAUDIT_ERROR;
	}
	text_add(&draft->what, "tag and value are exchanged, %s",
	         refused ? "and flag 128 makes every CA refuse" : "CAs ignore the record");
	add_remedy(audit, draft, record, &right);
	audit_report(audit);
	return true;
}

/*! Takes "[FLAGS] TAG VALUE" apart that stands in the tag, with nothing for a value; NULL if it does
 *  not, else the registered tag. */
static const char *find_inner(const caaudit_caa_t *caa, caaudit_caa_t *inner)
{
	static const char *const tags[] = { "issue", "issuewild",    "issuemail",   "issuevmc",
		                            "iodef", "contactemail", "contactphone" };
	const uint8_t *at = caa->tag, *end = at + caa->tag_len;
	while (at < end && ((*at >= '0' && *at <= '9') || ascii_blank(*at))) {
		at++;
	}
	const uint8_t *stop = at;
	while (stop < end && !ascii_blank(*stop)) {
		stop++;
	}
	for (size_t i = 0; caa->value_len == 0 && end - stop > 1 && i < 7; i++) {
		if (octets_equal_str(at, stop - at, tags[i])) {
			*inner = *caa;
			inner->value = stop + 1;
			inner->value_len = end - stop - 1;
			return tags[i];
		}
	}
	return NULL;
}

/*! Reports a tag that is none; returns the id of the finding, CAAUDIT_FINDING__COUNT for a good tag. */
static caaudit_id_t check_tag(audit_t *audit, const caaudit_record_t *record,
                              const caaudit_caa_t *caa, caaudit_tag_t tag)
{
	if (tag != CAAUDIT_TAG_UNKNOWN && tag != CAAUDIT_TAG_RESERVED) {
		return CAAUDIT_FINDING__COUNT;
	}
	bool refused = is_critical(caa) && is_seen(audit, record);
	if (check_swapped(audit, record, caa, refused)) {
		return CAAUDIT_CAA_PROPERTY_SWAPPED;
	}

	bool charset = false;
	for (size_t i = 0; i < caa->tag_len; i++) {
		charset = charset || !ascii_alnum(caa->tag[i]);
	}
	caaudit_id_t id = caa->tag_len == 0           ? CAAUDIT_CAA_TAG_EMPTY :
	                  charset                     ? CAAUDIT_CAA_TAG_CHARSET :
	                  tag == CAAUDIT_TAG_RESERVED ? CAAUDIT_CAA_TAG_RESERVED :
	                                                CAAUDIT_CAA_TAG_UNKNOWN;
	caaudit_caa_t inner = *caa;
	const char *similar = find_inner(caa, &inner);
	bool whole = similar != NULL;
	if (!whole) {
		similar = similar_tag(caa->tag, caa->tag_len);
	}

	caaudit_id_t fault = refused ? CAAUDIT_CAA_CRITICAL_UNKNOWN : id;
	draft_t *draft = audit_draft_record(audit, fault, record);
	draft->removable = !whole; // Removed, it would leave what it was to restrict open.
	if (caa->tag_len == 0) {
		text_add(&draft->what, "the tag is empty");
	} else {
		text_add(&draft->what, "tag '");
		text_octets_max(&draft->what, caa->tag, caa->tag_len, OCTETS_MAX);
		text_add(&draft->what, "' %s",
		         whole   ? "holds the whole property, tag and value" :
		         charset ? "holds a character that is no letter or digit" :
		         tag == CAAUDIT_TAG_RESERVED ? "is reserved and has no meaning" :
		                                       "is not registered");
	}
	add_meant(draft, whole ? NULL : similar);
	text_add(&draft->what,
	         refused ? ", and flag 128 makes every CA refuse" : ", CAs ignore the record");
	if (similar != NULL) {
		add_retagged(audit, draft, record, &inner, similar);
	}
	if (id == CAAUDIT_CAA_TAG_UNKNOWN && !refused && similar == NULL) {
		draft->severity = CAAUDIT_NOTICE;
	}
	audit_report(audit);

	if (caa->tag_len > TAG_MAX && !whole) {
		draft = audit_draft_edit(audit, CAAUDIT_CAA_TAG_LONG, record);
		text_add(&draft->what, "the tag has %u characters, some CAs refuse more than %u",
		         caa->tag_len, TAG_MAX);
		audit_report(audit);
	}
	return fault;
}

/*! The bit that Let's Encrypt takes for issuer critical as well. */
#define FLAG_ONE 1

/*! A contact that Let's Encrypt does not process and takes for critical (RFC 8659 section 4.5). */
static bool check_critical_contact(audit_t *audit, const caaudit_record_t *record,
                                   const caaudit_caa_t *caa, caaudit_tag_t tag)
{
	if ((tag != CAAUDIT_TAG_CONTACTEMAIL && tag != CAAUDIT_TAG_CONTACTPHONE) ||
	    !(caa->flags & (CAAUDIT_CAA_CRITICAL | FLAG_ONE))) {
		return false;
	}
	draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_CONTACT_CRITICAL, record);
	if (is_critical(caa)) {
		text_add(&draft->what,
		         "flag 128 makes CAs that do not process %.*s refuse, "
		         "Let's Encrypt among them",
		         caa->tag_len, (const char *)caa->tag);
	} else {
		text_add(&draft->what,
		         "Let's Encrypt takes flags %u for issuer critical, and refuses since it "
		         "does not process %.*s",
		         caa->flags, caa->tag_len, (const char *)caa->tag);
	}
	add_reflagged(audit, draft, record, caa, 0);
	audit_report(audit);
	return true;
}

/*! Reports flags; what is wrong with the tag is known, and cured by its own finding. */
static void check_flags(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                        caaudit_tag_t tag, caaudit_id_t tag_fault)
{
	knot_dname_storage_t meant;
	if (check_critical_contact(audit, record, caa, tag) ||
	    (caa->flags & ~CAAUDIT_CAA_CRITICAL) == 0 ||
	    audit_is_doubled(audit, record->owner, meant)) { // First the owner.
		return;
	}
	bool one = (caa->flags & FLAG_ONE) != 0;
	bool registered = tag_fault == CAAUDIT_FINDING__COUNT;
	draft_t *draft = audit_draft_edit(audit,
	                                  one ? CAAUDIT_CAA_FLAGS_ONE : CAAUDIT_CAA_FLAGS_RESERVED,
	                                  record);
	if (one) {
		text_add(&draft->what,
		         "flags %u holds bit 1, which is not issuer critical, that is 128; "
		         "Let's Encrypt takes it for that and refuses a tag it does not know",
		         caa->flags);
		draft->severity = registered ? CAAUDIT_NOTICE : CAAUDIT_WARNING;
	} else {
		text_add(&draft->what, "flags %u sets reserved bits, only 0 and 128 have a meaning",
		         caa->flags);
	}
	if (registered) {
		add_reflagged(audit, draft, record, caa, caa->flags & CAAUDIT_CAA_CRITICAL);
	} else { // The record is wrong as a whole.
		text_add(&draft->what, "; see %s", caaudit_finding_info(tag_fault)->id);
	}
	audit_report(audit);
}

/*! Octets of the longest value that is mended, twice. */
#define MENDED_MAX 2048

static bool is_separator(uint8_t c)
{
	return ascii_blank(c) || c == ',' || c == ';' || c == ':';
}

/*! Does "TAG =" with the tag of a registered parameter stand there? */
static bool is_parameter(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *stop = at;
	while (stop < end && (ascii_alnum(*stop) || *stop == '-')) {
		stop++;
	}
	size_t len = stop - at;
	while (stop < end && ascii_blank(*stop)) {
		stop++;
	}
	return stop < end && *stop == '=' &&
	       (octets_equal_str(at, len, "accounturi") ||
	        octets_equal_str(at, len, "validationmethods"));
}

/*!
 * \brief Writes a value with one ";" before each registered parameter and none behind the last.
 *
 * \param[in]  caa    Property.
 * \param[out] out    The value; \a issue points into it.
 * \param[out] issue  What it says.
 *
 * \return False if it is malformed for something else as well.
 */
static bool separate_params(const caaudit_caa_t *caa, uint8_t out[MENDED_MAX],
                            caaudit_issue_t *issue)
{
	const uint8_t *at = caa->value, *end = at + caa->value_len;
	size_t len = 0;
	if (caa->value_len > MENDED_MAX / 2) {
		return false;
	}
	while (at < end) {
		const uint8_t *stop = at;
		while (stop < end && is_separator(*stop)) {
			stop++;
		}
		if (stop > at && is_parameter(stop, end)) {
			memcpy(out + len, "; ", 2);
			len += 2;
			at = stop;
		} else if (stop > at) {
			memcpy(out + len, at, stop - at);
			len += stop - at;
			at = stop;
		} else {
			out[len++] = *at++;
		}
	}
	while (len > 0 && (out[len - 1] == ';' || ascii_blank(out[len - 1]))) {
		len--;
	}
	return caaudit_issue_parse(out, len, issue, NULL) == KNOT_EOK && issue->issuer_len > 0;
}

/*! Does a blank stand between two characters of a name? */
static bool has_inner_blank(const caaudit_caa_t *caa)
{
	uint8_t before = ' '; // The last one that is no blank.
	for (size_t i = 0; i < caa->value_len; i++) {
		uint8_t c = caa->value[i];
		if (ascii_blank(c)) {
			continue;
		} else if (i > 0 && ascii_blank(caa->value[i - 1]) && ascii_host(before) &&
		           ascii_host(c)) {
			return true;
		}
		before = c;
	}
	return false;
}

/*! What a malformed issue value suffers from, as far as that can be told. */
static const char *diagnose_value(const caaudit_caa_t *caa, size_t error)
{
	const uint8_t *value = caa->value;
	size_t len = caa->value_len;
	const uint8_t *semicolon = memchr(value, ';', len);
	bool in_name = semicolon == NULL || error <= (size_t)(semicolon - value);
	for (size_t i = 0; i < len; i++) {
		if (value[i] > 0x7e || (value[i] < 0x20 && value[i] != '\t')) {
			// Those of UTF-8 from U+2000 on and the no-break space begin so.
			return value[i] > 0x7f && value[i] != 0xe2 && value[i] != 0xc2 ?
			               "a letter that is not ASCII, no CA's domain name has one" :
			               "a character that is not printable ASCII (a typographic quote "
			               "or space?)";
		}
	}
	if (caaset_means_nobody(value, len)) {
		return "nobody is written ';'";
	}
	if (pasted_len(caa) > 0) {
		return "flags and tag inside the value, only the CA's domain name belongs here";
	}
	const char *meant = find_meant(caa);
	bool comma = memchr(value, ',', len) != NULL;
	if (meant != NULL && !comma && memchr(value, '.', len) == NULL) {
		return "the CA's name in words, its domain name belongs here";
	}
	if (memchr(value, '"', len) != NULL || memchr(value, '\'', len) != NULL) {
		return "quotes inside the value";
	}
	if (meant != NULL && (comma || has_inner_blank(caa))) {
		return comma ? "a ',' where '.' must stand" : "a blank inside the name";
	}
	if (count_issuers(caa) > 1) {
		return "several CAs in one value, each needs its own record";
	}
	if (error == len) {
		size_t end = len;
		while (end > 0 && ascii_blank(value[end - 1])) {
			end--;
		}
		return in_name ? "a final dot" :
		       end > 0 && value[end - 1] == ';' ?
		                 "nothing may follow the last parameter's ';'" :
		                 "a parameter without '='";
	}
	uint8_t mended[MENDED_MAX];
	caaudit_issue_t issue;
	if (value[error] != ';' && separate_params(caa, mended, &issue)) {
		return value[error] == ':' ?
		               "a ':' where ';' must stand before a parameter" :
		               "a ',' or a blank where ';' must stand before a parameter";
	}
	switch (value[error]) {
	case '.':
		return !in_name                             ? "a parameter without '='" :
		       error > 0 && value[error - 1] == '.' ? "an empty label" :
		                                              "a leading dot";
	case ':':
	case '/':
		return in_name ? "a URL, only the domain name belongs here" :
		                 "a parameter without '='";
	case '*':
		return "a '*.' before the name, wildcards are granted by the tag issuewild";
	case '_':
		return "an underscore";
	case '@':
		return "an e-mail address";
	case ',':
		return in_name ? "a ',' beside the name" : "an unexpected ','";
	case '-':
		return "a label that begins or ends with '-'";
	case ';':
		return in_name ? "a name cut short before ';'" : "an empty parameter";
	default:
		return !in_name ?
		               "a parameter that is not 'tag=value' without blanks in the value" :
		       error > 0 && ascii_blank(value[error - 1]) ?
		               "several words, only the CA's domain name belongs here" :
		               "a character that is no domain name's";
	}
}

/*! Adds the record with the issuer domain name replaced and the parameters kept. */
static void add_reissued(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                         const caaudit_caa_t *caa, const caaudit_issue_t *issue,
                         const uint8_t *issuer, size_t issuer_len)
{
	text_t value = TEXT_EMPTY;
	text_issue(&value, issuer, issuer_len, issue);
	add_revalued(audit, draft, record, caa, &value);
}

/*! Does the operator want a CA of just this name, though no other has a name like it? */
static bool is_asked_for(const caaudit_policy_t *policy, const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (policy->ca[i].meant == NULL && caaudit_ca_accepts(&policy->ca[i], name, len)) {
			return true;
		}
	}
	return false;
}

/*! Reports an issuer that is the name of a product. */
static void report_product(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                           const caaudit_issue_t *issue, const caaudit_product_t *product)
{
	const caaudit_ca_info_t *ca = &caaudit_cas[product->ca];
	draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_ISSUER_LOOKALIKE, record);
	text_add(&draft->what, "no CA is known as ");
	text_octets_max(&draft->what, issue->issuer, issue->issuer_len, OCTETS_MAX);
	text_add(&draft->what, ", that is a product (%s), which %s%s issues under the name %s",
	         product->product, known_is_hearsay(product) ? "by what others say " : "",
	         ca->owner, ca->name[0]);
	if (known_is_hearsay(product)) {
		draft->removable = false;
	} else {
		add_reissued(audit, draft, record, caa, issue, OCTETS(ca->name[0]));
	}
	audit_report(audit);
}

/*! Has the RRset of a property another one with the same tag, and not such a word as well? */
static bool has_other(const audit_t *audit, const caaudit_record_t *record)
{
	caaudit_rrset_t set = caaudit_view_rrset(audit->view, record->owner, KNOT_RRTYPE_CAA);
	caaudit_caa_t caa;
	caaudit_tag_t tag;
	bool found = false;
	for (size_t i = 0; !found && caaset_property(record, &caa, &tag) && i < set.count; i++) {
		caaudit_issue_t issue;
		found = caaset_issue(set.record[i], tag, &issue) &&
		        !caaset_means_nobody(issue.issuer, issue.issuer_len);
	}
	return found;
}

static void report_nobody(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                          const caaudit_issue_t *issue)
{
	static const caaudit_issue_t bare = { .params = NULL };
	draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_ISSUER_LOOKALIKE, record);
	text_add(&draft->what, "this permits a CA by the name ");
	text_octets_max(&draft->what, issue->issuer, issue->issuer_len, OCTETS_MAX);
	text_add(&draft->what, ", and no CA is known by it; nobody is written \";\"");
	if (!has_other(audit, record)) { // Beside others ";" says nothing (RFC 8659 section 4.2).
		draft->removable = false;
		add_reissued(audit, draft, record, caa, &bare, (const uint8_t *)";", 1);
	}
	audit_report(audit);
}

/*! Words of fewer letters are no mistyped names for sure. */
#define SHORT_WORD 6

static void check_issuer(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                         const caaudit_issue_t *issue)
{
	uint8_t lower[256];
	if (issue->issuer_len == 0 || issue->issuer_len > sizeof(lower)) {
		return;
	}
	octets_lower(lower, issue->issuer, issue->issuer_len);
	const caaudit_ca_info_t *known = known_ca_find(lower, issue->issuer_len);
	const char *similar = known == NULL ? known_ca_lookalike(lower, issue->issuer_len) : NULL;

	const caaudit_product_t *product =
		known == NULL ? known_product(lower, issue->issuer_len, audit->now) : NULL;
	bool asked_for = is_asked_for(audit->policy, lower, issue->issuer_len);
	if (asked_for) {
		similar = NULL;
	}

	if (!asked_for && caaset_means_nobody(lower, issue->issuer_len)) {
		report_nobody(audit, record, caa, issue);
	} else if (product != NULL) {
		report_product(audit, record, caa, issue, product);
	} else if (similar != NULL) {
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_ISSUER_LOOKALIKE, record);
		text_add(&draft->what, "no CA is known as ");
		text_octets_max(&draft->what, lower, issue->issuer_len, OCTETS_MAX);
		add_meant(draft, similar);
		// A short word may be anybody's.
		draft->optional = issue->issuer_len < SHORT_WORD &&
		                  memchr(lower, '.', issue->issuer_len) == NULL;
		add_reissued(audit, draft, record, caa, issue, OCTETS(similar));
		audit_report(audit);
	} else if (known != NULL && !known_ca_is_current(known, lower, issue->issuer_len)) {
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_ISSUER_DEPRECATED, record);
		text_octets(&draft->what, lower, issue->issuer_len);
		text_add(&draft->what, " is an old name of %s", known->name[0]);
		add_reissued(audit, draft, record, caa, issue, OCTETS(known->name[0]));
		audit_report(audit);
	} else if (memcmp(lower, issue->issuer, issue->issuer_len) != 0) {
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_VALUE_CASE, record);
		text_add(&draft->what,
		         "some CAs, Let's Encrypt among them, compare the name octet by octet");
		add_reissued(audit, draft, record, caa, issue, lower, issue->issuer_len);
		audit_report(audit);
	}
}

/* --- Parameters ---------------------------------------------------------------------------- */

/*! A property whose parameters are looked at. */
typedef struct {
	const caaudit_record_t *record;
	const caaudit_caa_t *caa;
	caaudit_issue_t issue;
	params_t params;
	bool letsencrypt; /*!< It names Let's Encrypt, whose code differs from the RFC. */
} bound_t;

/*! Adds the record as it was probably meant, if that cures a fault. */
static void add_mended(audit_t *audit, draft_t *draft, const bound_t *bound, uint32_t fault)
{
	text_t value = TEXT_EMPTY;
	if (params_mend(bound->issue, audit->now, fault, &value) || value.failed) {
		add_revalued(audit, draft, bound->record, bound->caa, &value);
	}
	text_free(&value);
}

/*! "parameter 'TAG'" */
static void add_tag(draft_t *draft, const caaudit_param_t *param)
{
	text_add(&draft->what, "parameter '");
	text_octets_max(&draft->what, param->tag, param->tag_len, OCTETS_MAX);
	text_add(&draft->what, "'");
}

static void check_unknown(audit_t *audit, const bound_t *bound)
{
	const params_t *params = &bound->params;
	bool hyphen = (params->faults & PARAMS_HYPHEN) != 0 && bound->letsencrypt;
	if (!(params->faults & PARAMS_UNKNOWN)) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_PARAMETER_UNKNOWN, bound->record);
	if (params->unknown_meant == NULL && !hyphen) {
		draft->severity = CAAUDIT_NOTICE;
	}
	add_tag(draft, &params->unknown);
	text_add(&draft->what, " is none that the CA is known to process");
	add_meant(draft, params->unknown_meant);
	text_add(&draft->what, ", so that it restricts nothing");
	if (hyphen) {
		text_add(&draft->what,
		         "; Let's Encrypt refuses the record, for it takes no hyphen in a tag");
	}
	add_mended(audit, draft, bound, hyphen ? PARAMS_HYPHEN : PARAMS_UNKNOWN);
	audit_report(audit);
}

/*! What is wrong with the account, by its gravest fault; "" if nothing is, or if there are two. */
static const char *account_fault(const params_t *params)
{
	return params->faults & PARAMS_ACCOUNT_TWICE ?
	               "" :
	       params->faults & PARAMS_ACCOUNT_NO_URI && params->account.value_len > 0 &&
	                       params->account.value[0] == '"' ?
	               "quotes inside the value belong to accounturi, which is no URI with them, "
	               "so that it matches no account: write it without them" :
	       params->faults & PARAMS_ACCOUNT_NO_URI ?
	               "accounturi is no URI, so that it "
	               "matches no account" :
	       params->faults & PARAMS_ACCOUNT_RUNS_ON ?
	               "accounturi goes on behind a ',', so that it matches no account: a ';' "
	               "must stand before a parameter, and each account needs a record of its "
	               "own" :
	       params->faults & PARAMS_ACCOUNT_STAGING ?
	               "accounturi is an account of a staging "
	               "system, by which no certificate is issued" :
	       params->faults & PARAMS_ACCOUNT_FOREIGN ?
	               "accounturi is an account at another CA, " :
	               "";
}

static const char *methods_fault(const params_t *params)
{
	return params->faults & PARAMS_METHODS_TWICE ?
	               NULL :
	       params->faults & PARAMS_METHODS_EMPTY ?
	               "validationmethods is empty, so that no "
	               "method is admitted" :
	       params->faults & PARAMS_METHODS_MALFORMED ?
	               "validationmethods is no list of labels with commas between them, so that "
	               "no method is admitted" :
	       params->faults & PARAMS_METHODS_NONE ? "validationmethods lists no method by which "
	                                              "a host name can be validated" :
	       params->faults & PARAMS_METHOD_UNKNOWN ? "validationmethods lists a method that no "
	                                                "registry has" :
	                                                NULL;
}

static void check_satisfiable(audit_t *audit, const bound_t *bound)
{
	const params_t *params = &bound->params;
	const char *account = account_fault(params), *methods = methods_fault(params);
	uint32_t unmet = params->faults & PARAMS_ACCOUNT_UNMET;
	bool any = unmet != 0 && !(unmet & PARAMS_ACCOUNT_TWICE);
	if (!any && methods == NULL) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_PARAMETER_UNSATISFIABLE,
	                                  bound->record);
	text_add(&draft->what, "%s%s", account,
	         unmet == PARAMS_ACCOUNT_FOREIGN ? params->account_owner : "");
	if (unmet == PARAMS_ACCOUNT_NONE) {
		known_account_explain(&draft->what, params->account_form);
	}
	text_add(&draft->what, "%s%s", any && methods != NULL ? ", and " : "",
	         methods != NULL ? methods : "");
	if (methods != NULL && params->label != NULL && params->label_len == 0) {
		text_add(&draft->what, ": a label is empty");
	} else if (methods != NULL && params->label != NULL) {
		text_add(&draft->what, ": '");
		text_octets_max(&draft->what, params->label, params->label_len, OCTETS_MAX);
		text_add(&draft->what, "'");
		add_meant(draft, params->label_meant);
	}
	if (!(params->faults & PARAMS_UNSATISFIABLE) && params->label_meant == NULL) {
		draft->severity = CAAUDIT_NOTICE; // Another method is listed as well.
	}
	add_mended(audit, draft, bound,
	           PARAMS_UNSATISFIABLE | (params->faults & PARAMS_METHOD_UNKNOWN));
	audit_report(audit);
}

/*! The record that a denial of a host is to be cured by in the place of another; NULL if there is none. */
static const caaudit_record_t *find_replacement(const audit_t *audit,
                                                const caaudit_record_t *record)
{
	bool denies = false; // Only then the findings, which may be many, are walked over.
	for (size_t i = 0; audit->policy->method != NULL && i < audit->verdict_count && !denies;
	     i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		const caaudit_decision_t *is = verdict->is.permit == CAAUDIT_DENIED ?
		                                       &verdict->is :
		                                       &verdict->otherwise;
		denies = is->permit == CAAUDIT_DENIED && is->decided_by != NULL &&
		         knot_dname_is_equal(is->decided_by, record->owner);
	}
	for (size_t i = 0; denies && i < audit->found_count; i++) {
		const found_t *found = &audit->found[i];
		if (found->public.fix == CAAUDIT_FIX_REPLACE && found->wrong[0] == record &&
		    (found->public.id == CAAUDIT_CAA_ISSUE_DENIED ||
		     found->public.id == CAAUDIT_CAA_ISSUEWILD_DENIED ||
		     found->public.id == CAAUDIT_CAA_FALLBACK_DENIED)) {
			return &found->right;
		}
	}
	return NULL;
}

static void check_case(audit_t *audit, const bound_t *bound)
{
	const params_t *params = &bound->params;
	bool tag = (params->faults & PARAMS_TAG_CASE) != 0;
	if (!(params->faults & (PARAMS_TAG_CASE | PARAMS_METHOD_CASE))) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_METHOD_CASE, bound->record);
	if (bound->letsencrypt) {
		draft->severity = CAAUDIT_WARNING;
	}
	text_add(&draft->what, tag ? "the tag of a parameter is written with capital letters" :
	                             "a validation method is written with capital letters");
	text_add(&draft->what, "%s",
	         !bound->letsencrypt ? ", and some CAs compare octet by octet" :
	         tag ? "; Let's Encrypt compares octet by octet and ignores the parameter, so "
	               "that it restricts nothing there" :
	               "; Let's Encrypt compares octet by octet and takes it for another method");
	// A denial that is cured by another list replaces the record as well, and has it in lower case.
	const caaudit_record_t *right = find_replacement(audit, bound->record);
	if (right != NULL) {
		audit_right(audit, right);
	} else {
		add_mended(audit, draft, bound, PARAMS_TAG_CASE | PARAMS_METHOD_CASE);
	}
	audit_report(audit);
}

/*! Sets how near the end of a method is: a warning from 90 days before. */
static void add_sunset(audit_t *audit, draft_t *draft, uint64_t until)
{
	enum { WARNING_TIME = 90 * 86400 };
	if (until == CAAUDIT_ENDED) {
		text_add(&draft->what, ", which no CA may use any more");
		return;
	}
	text_add(&draft->what, ", which no CA may use from ");
	text_day(&draft->what, until);
	text_add(&draft->what, " on");
	if (audit->now + WARNING_TIME >= until) {
		draft->severity = CAAUDIT_WARNING;
	}
}

static void check_ending(audit_t *audit, const bound_t *bound)
{
	const params_t *params = &bound->params;
	if (params->ending == NULL ||
	    params->faults & (PARAMS_METHODS_UNMET | PARAMS_METHODS_NONE)) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_METHOD_SUNSET, bound->record);
	text_add(&draft->what, "validationmethods lists %s", params->ending->label);
	add_sunset(audit, draft, params->ending->until);
	audit_report(audit);
}

static void check_duplicate(audit_t *audit, const bound_t *bound)
{
	uint32_t faults = bound->params.faults;
	if (!(faults & (PARAMS_ACCOUNT_TWICE | PARAMS_METHODS_TWICE | PARAMS_DUPLICATE))) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_PARAMETER_DUPLICATE, bound->record);
	text_add(&draft->what,
	         faults & PARAMS_ACCOUNT_TWICE ?
	                 "accounturi stands twice, so that nobody can meet it" :
	         faults & PARAMS_METHODS_TWICE ?
	                 "validationmethods stands twice, and no CA is known to take "
	                 "that" :
	                 "a parameter stands twice, and each CA takes that in its own "
	                 "way");
	text_add(&draft->what, "; write a record for each");
	audit_report(audit);
}

/*! The parameters of issue and issuewild; those of other properties are not defined. */
static void check_params(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                         const caaudit_issue_t *issue)
{
	caaudit_tag_t tag = caaudit_caa_tag(caa->tag, caa->tag_len);
	if (issue->params_len == 0 || (tag != CAAUDIT_TAG_ISSUE && tag != CAAUDIT_TAG_ISSUEWILD)) {
		return;
	}
	bound_t bound = {
		.record = record,
		.caa = caa,
		.issue = *issue,
		.letsencrypt = octets_equal_str(issue->issuer, issue->issuer_len,
		                                caaudit_cas[CAAUDIT_CA_LETSENCRYPT].name[0]),
	};
	params_judge(*issue, audit->now, &bound.params);
	check_unknown(audit, &bound);
	check_satisfiable(audit, &bound);
	check_case(audit, &bound);
	check_ending(audit, &bound);
	check_duplicate(audit, &bound);
}

/* --- Values -------------------------------------------------------------------------------- */

static void check_issue_value(audit_t *audit, const caaudit_record_t *record,
                              const caaudit_caa_t *caa)
{
	caaudit_issue_t issue;
	size_t error;
	if (caaudit_issue_parse(caa->value, caa->value_len, &issue, &error) == KNOT_EOK) {
		check_issuer(audit, record, caa, &issue);
		check_params(audit, record, caa, &issue);
		return;
	}

	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_VALUE_MALFORMED, record);
	text_add(&draft->what, "malformed %.*s value \"", caa->tag_len, (const char *)caa->tag);
	text_octets_max(&draft->what, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->what, "\" (%s) permits nobody", diagnose_value(caa, error));

	uint8_t name[256], mended[MENDED_MAX];
	const caaudit_issue_t bare = { .params = name };
	size_t len = salvage_name(caa, name);
	if (caaset_means_nobody(caa->value, caa->value_len)) {
		draft->removable = has_other(audit, record);
		if (!draft->removable) { // Beside others ";" says nothing.
			add_reissued(audit, draft, record, caa, &bare, (const uint8_t *)";", 1);
		}
	} else if (len > 0) {
		add_reissued(audit, draft, record, caa, &bare, name, len);
	} else if (separate_params(caa, mended, &issue)) {
		add_reissued(audit, draft, record, caa, &issue, issue.issuer, issue.issuer_len);
	}
	audit_report(audit);
}

static bool begins_with(const caaudit_caa_t *caa, const char *prefix)
{
	size_t len = strlen(prefix);
	return caa->value_len >= len && octets_equal_str(caa->value, len, prefix);
}

/*! Labels of a host name (RFC 1123 section 2.1) with dots between them, or of one in UTF-8. */
static bool is_host(const uint8_t *at, size_t len)
{
	size_t label = 0;
	if (len == 0 || len > KNOT_DNAME_TXT_MAXLEN) {
		return false;
	}
	for (size_t i = 0; i <= len; i++) {
		if (i == len || at[i] == '.') {
			if (label == 0 || label > KNOT_DNAME_MAXLABELLEN || at[i - 1] == '-') {
				return false;
			}
			label = 0;
		} else if (!ascii_alnum(at[i]) && at[i] < 0x80 && (at[i] != '-' || label == 0)) {
			return false;
		} else {
			label++;
		}
	}
	return true;
}

/*! Something in brackets: an IPv6 address, or a literal of a mail domain. */
static bool is_bracketed(const uint8_t *at, size_t len)
{
	for (size_t i = 1; i + 1 < len; i++) {
		if (!ascii_alnum(at[i]) && at[i] != ':' && at[i] != '.') {
			return false;
		}
	}
	return len > 2 && at[0] == '[' && at[len - 1] == ']';
}

/*! One "@" with a mailbox before it and a domain behind it (RFC 5321 section 4.1.2, RFC 6531). */
static bool is_address(const uint8_t *at, size_t len)
{
	const uint8_t *sign = len > 0 ? memrchr(at, '@', len) : NULL;
	if (sign == NULL || sign == at || memchr(at, '@', sign - at) != NULL) {
		return false;
	}
	for (const uint8_t *c = at; c < sign; c++) {
		if (*c <= 0x20 || *c == 0x7f || strchr("(),:;<>[]", *c) != NULL) {
			return false;
		}
	}
	size_t domain = at + len - sign - 1;
	return is_host(sign + 1, domain) || is_bracketed(sign + 1, domain);
}

/*! Addresses with commas between them, and header fields behind "?" (RFC 6068 section 2). */
static bool is_mailto(const uint8_t *at, size_t len)
{
	static const char to[] = "?to=";
	const uint8_t *fields = len > 0 ? memchr(at, '?', len) : NULL;
	const uint8_t *end = fields != NULL ? fields : at + len;
	if (fields == at) {
		return len > sizeof(to) && octets_equal_str(at, sizeof(to) - 1, to);
	}
	while (at < end) {
		const uint8_t *comma = memchr(at, ',', end - at);
		const uint8_t *stop = comma != NULL ? comma : end;
		if (!is_address(at, stop - at)) {
			return false;
		}
		at = stop + 1;
	}
	return at == end + 1; // Behind a last comma there is another one.
}

/*! Is the authority of a URL behind "//" one with a host? (RFC 3986 section 3.2) */
static bool has_host(const uint8_t *at, size_t len)
{
	const uint8_t *end = at + len, *stop = at;
	while (stop < end && memchr("/?#", *stop, 3) == NULL) {
		stop++;
	}
	const uint8_t *user = stop > at ? memrchr(at, '@', stop - at) : NULL;
	at = user != NULL ? user + 1 : at;
	const uint8_t *port = stop;
	while (port > at && port[-1] >= '0' && port[-1] <= '9') {
		port--;
	}
	if (port > at && port[-1] == ':') {
		stop = port - 1;
	}
	size_t host = stop - at;
	// A final dot is right in a URL.
	return is_bracketed(at, host) ||
	       is_host(at, host > 1 && at[host - 1] == '.' ? host - 1 : host);
}

/*! What an iodef value suffers from; NULL if a CA can report to it. */
static const char *iodef_fault(const caaudit_caa_t *caa)
{
	static const char mailto[] = "mailto:";
	bool secure = begins_with(caa, "https://");
	for (size_t i = 0; i < caa->value_len; i++) {
		if (caa->value[i] > 0x7f) { // RFC 3986 section 2, RFC 6068 section 2.
			return "holds octets that are not ASCII: a URL has the A-label (xn--) of a "
			       "domain name, and percent-encodes the rest";
		}
	}
	if (begins_with(caa, mailto)) {
		size_t skip = sizeof(mailto) - 1;
		return is_mailto(caa->value + skip, caa->value_len - skip) ?
		               NULL :
		               "holds no e-mail address that can be right";
	} else if (secure || begins_with(caa, "http://")) {
		size_t skip = secure ? 8 : 7;
		return caaudit_is_uri(caa->value, caa->value_len) &&
		                       has_host(caa->value + skip, caa->value_len - skip) ?
		               NULL :
		               "is no URL that can be right";
	}
	return "is no mailto:, http: or https: URL";
}

static void check_iodef(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa)
{
	const char *fault = iodef_fault(caa);
	if (fault == NULL) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_IODEF_MALFORMED, record);
	text_add(&draft->what, "iodef value \"");
	text_octets_max(&draft->what, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->what, "\" %s", fault);
	if (is_address(caa->value, caa->value_len)) {
		text_t url = TEXT_EMPTY;
		caaudit_caa_t right = *caa;
		right.tag = (const uint8_t *)"iodef";
		text_add(&url, "mailto:%.*s", caa->value_len, (const char *)caa->value);
		add_revalued(audit, draft, record, &right, &url);
	}
	audit_report(audit);
}

/*! Global number: "+", digits and separators (RFC 3966 section 5.1.4); BR A.1.2 writes blanks. */
static bool is_phone(const caaudit_caa_t *caa)
{
	bool digit = false;
	for (size_t i = 1; i < caa->value_len; i++) {
		uint8_t c = caa->value[i];
		digit = digit || (c >= '0' && c <= '9');
		if (c == '\0' || strchr("0123456789-.() ", c) == NULL) {
			return false;
		}
	}
	return caa->value_len > 0 && caa->value[0] == '+' && digit;
}

/*! The way of validation that a contact is for ends some day. */
static void check_contact_ending(audit_t *audit, const caaudit_record_t *record,
                                 const caaudit_caa_t *caa, bool mail)
{
	const char *label = mail ? "ca-tbr-13" : "ca-tbr-17";
	const caaudit_method_t *method = known_method(OCTETS(label));
	if (method == NULL || method->until == 0) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_METHOD_SUNSET, record);
	text_add(&draft->what, "%.*s is for validation by %s", caa->tag_len, (const char *)caa->tag,
	         mail ? "e-mail" : "telephone");
	add_sunset(audit, draft, method->until);
	audit_report(audit);
}

static void check_contact(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                          bool mail)
{
	const char *prefix = mail ? "mailto:" : "tel:";
	if (mail ? is_address(caa->value, caa->value_len) && !begins_with(caa, prefix) :
	           is_phone(caa)) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_CONTACT_MALFORMED, record);
	text_add(&draft->what, "value \"");
	text_octets_max(&draft->what, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->what, mail ? "\" is no bare e-mail address" :
	                              "\" is no global telephone number (+, digits, blanks, -.())");
	if (begins_with(caa, prefix)) {
		caaudit_caa_t bare = *caa;
		bare.value += strlen(prefix);
		bare.value_len -= strlen(prefix);
		if (mail ? is_address(bare.value, bare.value_len) : is_phone(&bare)) {
			bare.tag = (const uint8_t *)(mail ? "contactemail" : "contactphone");
			add_remedy(audit, draft, record, &bare);
		}
	}
	audit_report(audit);
}

static void check_record(audit_t *audit, const caaudit_record_t *record)
{
	caaudit_caa_t caa;
	caaudit_tag_t tag;
	if (!caaset_property(record, &caa, &tag)) {
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_RDATA_MALFORMED, record);
		draft->severity = is_seen(audit, record) ? CAAUDIT_ERROR : CAAUDIT_WARNING;
		text_add(&draft->what,
		         record->rdlen < 2 ? "RDATA of %u octets, a CAA record has at least 3" :
		                             "RDATA of %u octets, the tag ends beyond it",
		         record->rdlen);
		text_add(&draft->what, ", no CA can read the answer");
		audit_report(audit);
		return;
	}

	check_flags(audit, record, &caa, tag, check_tag(audit, record, &caa, tag));
	if (caaset_is_issue_like(tag)) {
		check_issue_value(audit, record, &caa);
	} else if (tag == CAAUDIT_TAG_IODEF) {
		check_iodef(audit, record, &caa);
	} else if (tag == CAAUDIT_TAG_CONTACTEMAIL || tag == CAAUDIT_TAG_CONTACTPHONE) {
		check_contact(audit, record, &caa, tag == CAAUDIT_TAG_CONTACTEMAIL);
		check_contact_ending(audit, record, &caa, tag == CAAUDIT_TAG_CONTACTEMAIL);
	}
}

void check_properties(audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (audit_next(audit, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		for (size_t i = 0; i < rrset.count; i++) {
			check_record(audit, rrset.record[i]);
		}
	}
}
