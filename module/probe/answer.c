/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief An answer: the memory of its records, and what it says in words.
 */

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <libknot/codes.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/rrset-dump.h>
#include <libknot/rrtype/soa.h>
#include <libknot/wire.h>

#include "engine/names.h"
#include "probe.h"

/*! Octets of RDATA as text at most: four for each, and words between them. */
#define RDATA_TEXT_SIZE(rdlen) (4 * (size_t)(rdlen) + 256)

bool probe_is_name(const caaudit_record_t *record)
{
	return (record->type == KNOT_RRTYPE_CNAME || record->type == KNOT_RRTYPE_DNAME ||
	        record->type == KNOT_RRTYPE_NS) &&
	       name_is_whole(record->rdata, record->rdlen);
}

int probe_answer_set(probe_answer_t *answer, const caaudit_record_t *record, size_t answer_count,
                     size_t record_count, const knot_dname_t *target)
{
	free(answer->record);
	answer->record = NULL;
	answer->answer_count = answer->record_count = answer->glue_count = 0;
	answer->target = NULL;

	size_t size = record_count * sizeof(*record) + knot_dname_size(target);
	for (size_t i = 0; i < record_count; i++) {
		size += knot_dname_size(record[i].owner) + record[i].rdlen;
	}
	if (size == 0) {
		return KNOT_EOK;
	}
	caaudit_record_t *copy = malloc(size);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	uint8_t *tail = (uint8_t *)(copy + record_count);
	for (size_t i = 0; i < record_count; i++) {
		size_t owner_size = knot_dname_size(record[i].owner);
		copy[i] = record[i];
		copy[i].owner = memcpy(tail, record[i].owner, owner_size);
		tail += owner_size;
		copy[i].rdata = tail;
		if (record[i].rdlen > 0) {
			memcpy(tail, record[i].rdata, record[i].rdlen);
		}
		if (probe_is_name(&record[i])) {
			knot_dname_to_lower(tail);
		}
		tail += record[i].rdlen;
	}
	if (target != NULL) {
		answer->target = memcpy(tail, target, knot_dname_size(target));
	}
	answer->record = copy;
	answer->answer_count = answer_count;
	answer->record_count = record_count;
	return KNOT_EOK;
}

void probe_answer_clear(probe_answer_t *answer)
{
	free(answer->record);
	free(answer->trust_why);
	*answer = (probe_answer_t){ 0 };
}

static bool rdata_hex(const uint8_t *rdata, uint16_t rdlen, char *out, size_t size)
{
	int len = snprintf(out, size, "\\# %u%s", rdlen, rdlen > 0 ? " " : "");
	if (len < 0 || (size_t)len + 2u * rdlen >= size) {
		return false;
	}
	for (uint16_t i = 0; i < rdlen; i++) {
		len += snprintf(out + len, size - len, "%02x", rdata[i]);
	}
	return true;
}

/*! Is an NSEC3 as RFC 5155 section 3.2 says, as far as lengths go? */
static bool is_nsec3(const uint8_t *rdata, uint16_t rdlen)
{
	size_t at =
		4; // Algorithm, flags, iterations; then salt and hash with a length before each.
	for (unsigned i = 0; i < 2; i++) {
		if (at >= rdlen || at + 1 + rdata[at] > rdlen) {
			return false;
		}
		at += 1 + rdata[at];
	}
	return true;
}

/*! May libknot dump it? Of an NSEC3 with wrong lengths 3.2.6 reads beyond the end. */
static bool is_dumped(uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	switch (type) {
	case KNOT_RRTYPE_A:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_TXT:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_CAA:
		return true;
	case KNOT_RRTYPE_NSEC3:
		return is_nsec3(rdata, rdlen);
	default:
		return false;
	}
}

bool probe_rdata_text(uint16_t type, const uint8_t *rdata, uint16_t rdlen, char *out, size_t size)
{
	knot_dname_t root = 0;
	knot_rrset_t rrset;
	if (!is_dumped(type, rdata, rdlen)) {
		return rdata_hex(rdata, rdlen, out, size);
	}
	knot_rrset_init(&rrset, &root, type, KNOT_CLASS_IN, 0);
	int len = knot_rrset_add_rdata(&rrset, rdata, rdlen, NULL);
	if (len == KNOT_EOK) {
		len = knot_rrset_txt_dump_data(&rrset, 0, out, size, &KNOT_DUMP_STYLE_DEFAULT);
	}
	knot_rdataset_clear(&rrset.rrs, NULL);
	if (len <= 0) {
		return rdata_hex(rdata, rdlen, out, size);
	}
	while (len > 0 && out[len - 1] == ' ') { // Some versions end a line with a blank.
		out[--len] = '\0';
	}
	return true;
}

const char *probe_rcode_name(uint16_t rcode, char *out, size_t size)
{
	const knot_lookup_t *item = knot_lookup_by_id(knot_rcode_names, rcode);
	if (item == NULL) {
		(void)snprintf(out, size, "RCODE %u", rcode);
		return out;
	}
	(void)snprintf(out, size, "%s", item->name);
	return out;
}

/*! Appends to a text that is cut where the room ends. */
static void append(char *out, size_t size, const char *separator, const char *text)
{
	size_t len = strlen(out);
	(void)snprintf(out + len, size - len, "%s%s", len > 0 ? separator : "", text);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*! Key tag, by which people name a key (RFC 4034 appendix B). */
static unsigned key_tag(const uint8_t *rdata, uint16_t rdlen)
{
	uint32_t sum = 0;
	for (uint16_t i = 0; i < rdlen; i++) {
		sum += i & 1 ? rdata[i] : (uint32_t)rdata[i] << 8;
	}
	return (sum + (sum >> 16)) & 0xffff;
}

static char *record_text(const caaudit_record_t *record)
{
	char *text = NULL;
	if (record->type == KNOT_RRTYPE_DNSKEY) {
		return asprintf(&text, "key %u", key_tag(record->rdata, record->rdlen)) < 0 ? NULL :
		                                                                              text;
	}
	size_t size = RDATA_TEXT_SIZE(record->rdlen);
	text = malloc(size);
	if (text != NULL &&
	    !probe_rdata_text(record->type, record->rdata, record->rdlen, text, size)) {
		(void)snprintf(text, size, "?");
	}
	return text;
}

/*! The RDATA of the RRset at the end of the chain, in an order that all servers share. */
static void append_data(const probe_answer_t *answer, const probe_question_t *question, char *out,
                        size_t size)
{
	const knot_dname_t *end = answer->target != NULL ? answer->target : question->name;
	char **text = calloc(answer->answer_count + 1, sizeof(*text));
	size_t count = 0;
	for (size_t i = 0; text != NULL && i < answer->answer_count; i++) {
		const caaudit_record_t *record = &answer->record[i];
		if (record->type == question->type && knot_dname_is_equal(record->owner, end) &&
		    (text[count] = record_text(record)) != NULL) {
			count++;
		}
	}
	if (count > 0) {
		qsort(text, count, sizeof(*text), compare_texts);
	}
	for (size_t i = 0; i < count; i++) {
		append(out, size, ", ", text[i]);
		free(text[i]);
	}
	free(text);
}

static void message_text(const probe_answer_t *answer, const probe_question_t *question, char *out,
                         size_t size)
{
	char word[32];
	knot_dname_txt_storage_t target = "";
	if (answer->target != NULL) {
		(void)knot_dname_to_str(target, answer->target, sizeof(target));
	}
	switch (answer->said) {
	case PROBE_SAID_DATA:
		if (question->type == KNOT_RRTYPE_SOA && answer->has_serial) {
			(void)snprintf(out, size, "%u", answer->serial);
		} else {
			append_data(answer, question, out, size);
		}
		break;
	case PROBE_SAID_ALIAS:
		(void)snprintf(out, size, "alias to %s", target);
		return;
	case PROBE_SAID_NODATA:
		append(out, size, "", "none");
		break;
	case PROBE_SAID_NXDOMAIN:
		append(out, size, "", "NXDOMAIN");
		break;
	case PROBE_SAID_REFERRAL:
		append(out, size, "", "delegated");
		break;
	case PROBE_SAID_LAME:
		append(out, size, "", "no AA");
		return;
	case PROBE_SAID_ERROR:
		append(out, size, "", probe_rcode_name(answer->rcode, word, sizeof(word)));
		return;
	case PROBE_SAID_CUT:
		append(out, size, "", "truncated");
		return;
	}
	if (answer->target != NULL) {
		append(out, size, " ", "by alias");
		append(out, size, " ", target);
	}
}

void probe_answer_text(const probe_answer_t *answer, const probe_question_t *question, char *out,
                       size_t size)
{
	static const char *const said[] = {
		[PROBE_UNASKED] = "-",      [PROBE_SILENT] = "no answer",
		[PROBE_CLOSED] = "closed",  [PROBE_UNREACHABLE] = "unreachable",
		[PROBE_LOCAL] = "not sent", [PROBE_GARBAGE] = "garbage",
	};
	out[0] = '\0';
	if (answer->outcome == PROBE_ANSWERED) {
		message_text(answer, question, out, size);
	} else {
		append(out, size, "", said[answer->outcome]);
	}
}
