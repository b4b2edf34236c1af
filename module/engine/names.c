/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares, cuts and joins domain names in wire form. */

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "names.h"

bool octets_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	if (a_len != b_len) {
		return false;
	}
	for (size_t i = 0; i < a_len; i++) {
		if (ascii_lower(a[i]) != ascii_lower(b[i])) {
			return false;
		}
	}
	return true;
}

bool octets_are_lower(const uint8_t *octets, size_t len)
{
	size_t i = 0;
	while (i < len && ascii_lower(octets[i]) == octets[i]) {
		i++;
	}
	return i == len;
}

bool octets_are(const uint8_t *octets, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(octets, text, len) == 0;
}

size_t octets_plain(const uint8_t *octets, size_t len, const char *also, uint8_t *out, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < len; i++) {
		if (!ascii_alnum(octets[i]) &&
		    (octets[i] == '\0' || strchr(also, octets[i]) == NULL)) {
			continue;
		} else if (count == size) {
			return 0;
		}
		out[count++] = ascii_lower(octets[i]);
	}
	return count;
}

static unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned octets_distance(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                         unsigned limit)
{
	enum { MAX = 63 };
	if (a_len > MAX || b_len > MAX) {
		return limit + 1;
	}
	// What both begin and end with does not count.
	for (; a_len > 0 && b_len > 0 && ascii_lower(*a) == ascii_lower(*b); a_len--, b_len--) {
		a++;
		b++;
	}
	for (; a_len > 0 && b_len > 0 && ascii_lower(a[a_len - 1]) == ascii_lower(b[b_len - 1]);
	     a_len--) {
		b_len--;
	}
	// A single edit touches two characters at most. Most texts are told apart here.
	if (limit < 2 && (a_len > 2 || b_len > 2)) {
		return limit + 1;
	}

	// Three rows of the usual table: a transposition looks two rows back.
	uint8_t rows[3][MAX + 1];
	uint8_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_len; j++) {
		last[j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			uint8_t ca = ascii_lower(a[i - 1]), cb = ascii_lower(b[j - 1]);
			unsigned d = min2(min2(last[j], row[j - 1]) + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == ascii_lower(b[j - 2]) &&
			    cb == ascii_lower(a[i - 2])) {
				d = min2(d, before[j - 2] + 1);
			}
			row[j] = d;
		}
		uint8_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return min2(last[b_len], limit + 1);
}

/*! Has the text an octet that ends or changes a token unless it is escaped? */
static bool has_special(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0') {
			text++;
		} else if (*text <= ' ' || *text > '~' || strchr("\"();", *text) != NULL) {
			return true;
		}
	}
	return false;
}

bool name_is_whole(const uint8_t *rdata, size_t rdlen)
{
	return rdlen > 0 && knot_dname_wire_check(rdata, rdata + rdlen, NULL) == (int)rdlen;
}

/*! Two whole names and five numbers (RFC 1035 section 3.3.13). */
static bool is_sound_soa(const uint8_t *rdata, size_t rdlen)
{
	if (rdlen == 0) {
		return false;
	}
	const uint8_t *end = rdata + rdlen;
	int mname = knot_dname_wire_check(rdata, end, NULL);
	int rname = mname > 0 && rdata + mname < end ?
	                    knot_dname_wire_check(rdata + mname, end, NULL) :
	                    -1;
	return rname > 0 && rdata + mname + rname + 20 == end;
}

bool names_are_sound(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	switch (type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		return name_is_whole(rdata, rdlen);
	case KNOT_RRTYPE_SOA:
		return is_sound_soa(rdata, rdlen);
	default:
		return true;
	}
}

int name_from_text(knot_dname_storage_t out, const char *text, const knot_dname_t *origin)
{
	if (strcmp(text, "@") == 0) {
		name_lower(out, origin);
		return KNOT_EOK;
	}

	// An escaped final dot does not make a name absolute.
	size_t len = strlen(text), slashes = 0;
	bool absolute = len > 0 && text[len - 1] == '.';
	while (absolute && slashes + 1 < len && text[len - 2 - slashes] == '\\') {
		slashes++;
	}
	absolute = absolute && slashes % 2 == 0;

	if (len == 0 || has_special(text) ||
	    knot_dname_from_str(out, text, sizeof(knot_dname_storage_t)) == NULL) {
		return KNOT_EINVAL;
	}
	if (!absolute) {
		size_t size = knot_dname_size(out) - 1;
		size_t add = knot_dname_size(origin);
		if (size + add > KNOT_DNAME_MAXLEN) {
			return KNOT_EINVAL;
		}
		memcpy(out + size, origin, add);
	}
	knot_dname_to_lower(out);
	return KNOT_EOK;
}

void name_lower(knot_dname_storage_t out, const knot_dname_t *name)
{
	memcpy(out, name, knot_dname_size(name));
	knot_dname_to_lower(out);
}

bool name_move(knot_dname_storage_t out, const knot_dname_t *name, const knot_dname_t *parent)
{
	return name_replace(out, name, 1 + (size_t)name[0], parent);
}

bool name_replace(knot_dname_storage_t out, const knot_dname_t *name, size_t prefix,
                  const knot_dname_t *by)
{
	size_t size = knot_dname_size(by);
	if (prefix + size > KNOT_DNAME_MAXLEN) {
		return false;
	}
	memmove(out, name, prefix);
	memcpy(out + prefix, by, size);
	return true;
}

bool name_wildcard(knot_dname_storage_t out, const knot_dname_t *encloser)
{
	size_t size = knot_dname_size(encloser);
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return false;
	}
	out[0] = 1;
	out[1] = '*';
	memcpy(out + 2, encloser, size);
	return true;
}

bool name_in(const knot_dname_t *name, const knot_dname_t *zone)
{
	return knot_dname_in_bailiwick(name, zone) >= 0;
}

bool name_take_off(const knot_dname_t *zone, const knot_dname_t *name, size_t size,
                   knot_dname_storage_t out)
{
	size_t zone_size = knot_dname_size(zone);
	if (zone_size == 1 || size < zone_size ||
	    !octets_equal(name + size - zone_size, zone_size, zone, zone_size)) {
		return false;
	}
	// A target is stored as it was written.
	knot_dname_storage_t lower;
	name_lower(lower, name);
	if (!name_in(lower, zone)) {
		return false; // The octets are the end of a label.
	}
	memcpy(out, name, size - zone_size);
	out[size - zone_size] = 0;
	return true;
}

bool name_is_doubled(const knot_dname_t *zone, const knot_dname_t *name, knot_dname_storage_t meant)
{
	knot_dname_storage_t off;
	bool doubled = false;
	while (name_take_off(zone, name, knot_dname_size(name), off) && name_in(off, zone)) {
		memcpy(meant, off, knot_dname_size(off));
		name = meant;
		doubled = true;
	}
	return doubled;
}
