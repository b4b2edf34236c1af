/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Tests of the walk over the records of a message: hostile ones, and random ones beside what
 *        libknot reads.
 *
 * Each message has memory of exactly its size, so that valgrind and ASan see a read beyond it.
 */

#include "test_source.h"

#include <libknot/packet/pkt.h>
#include <libknot/packet/rrset-wire.h>

#include "records.h"

#define HEADER 12
/* Type A, class IN, TTL 7, four octets. */
#define ADDRESS             "\0\1\0\1\0\0\0\7\0\4\xc0\0\2\1"
#define FIXED(type, length) "\0" type "\0\1\0\0\0\7\0" length

static records_t walk;
/*! A record was read whose RDATA are shorter without compression: to libknot 3.2 that is malformed. */
static bool shrunk;
static uint32_t state_of_random = 1;

static uint32_t below(uint32_t limit)
{
	state_of_random = state_of_random * 1664525 + 1013904223;

	return (state_of_random >> 8) % limit;
}

/*! Reads one record here and by libknot, which must agree; is it valid? */
static bool read_both(const uint8_t *wire, size_t size, size_t pos)
{
	walk.wire = wire;
	walk.size = size;
	walk.pos = pos;
	uint16_t skipped = 0;
	bool ends = records_skip(&walk, &skipped);
	size_t end = walk.pos;
	walk.pos = pos;
	caaudit_record_t record;
	uint16_t rclass = 0;
	int ret = records_next(&walk, &record, &rclass);

	knot_rrset_t rr;
	knot_rrset_init_empty(&rr);
	size_t wanted_end = pos;
	int wanted = knot_rrset_rr_from_wire(wire, &wanted_end, size, &rr, NULL, RECORDS_AS_IS);
	if (ret == KNOT_EOK && wanted != KNOT_EOK) {
		// One or two pointers to the root.
		const uint8_t *one = wire + end - record.rdlen - 3, *two = one - 1;
		assert_true(ends && walk.pos == end &&
		            (knot_wire_read_u16(one) == record.rdlen + 1U ||
		             knot_wire_read_u16(two) == record.rdlen + 2U));
		shrunk = true;
		return true;
	}
	assert_int_equal(ret, wanted == KNOT_EOK ? KNOT_EOK : KNOT_EMALF);
	if (wanted != KNOT_EOK) {
		return false;
	}

	assert_true(ends && end == wanted_end && skipped == rr.type);
	unsigned wanted_len = rr.rrs.rdata != NULL ? rr.rrs.rdata->len : 0;
	assert_true(walk.pos == wanted_end && record.type == rr.type && rclass == rr.rclass &&
	            record.ttl == rr.ttl && record.rdlen == wanted_len && record.rdata != NULL);
	assert_true(knot_dname_is_equal(record.owner, rr.owner));
	if (record.rdlen > 0) {
		assert_memory_equal(record.rdata, rr.rrs.rdata->data, record.rdlen);
	}
	knot_rrset_clear(&rr, NULL);

	return true;
}

/*! Reads all the records of a message as libknot does; how many are valid? */
static unsigned read_message(const uint8_t *octets, size_t size)
{
	uint8_t *wire = __real_malloc(size);
	memcpy(wire, octets, size);
	unsigned count = knot_wire_get_ancount(wire), read = 0;
	shrunk = false;
	size_t pos = HEADER;
	while (read < count && read_both(wire, size, pos)) {
		pos = walk.pos;
		read++;
	}
	bool whole = read == count && pos == size && !shrunk;

	knot_pkt_t *message = knot_pkt_new(wire, size, NULL);
	assert_int_equal(whole, knot_pkt_parse(message, KNOT_PF_NOCANON) == KNOT_EOK);
	assert_true(!whole || knot_pkt_section(message, KNOT_ANSWER)->count == count);
	knot_pkt_free(message);
	free(wire);

	return read;
}

/*! A message under construction; offsets at which names begin. */
static struct {
	uint8_t wire[4096];
	size_t size;
	size_t name[512];
	unsigned names;
} made;

static void put(const void *data, size_t len)
{
	assert_true(made.size + len <= sizeof(made.wire));
	memcpy(made.wire + made.size, data, len);
	made.size += len;
}

static void put_u16(uint16_t value)
{
	put((const uint8_t[]){ value >> 8, value & 0xff }, 2);
}

/*! Puts a name of a few labels, which ends in a pointer to an earlier one, or in the root. */
static void put_name(void)
{
	size_t begin = made.size;
	for (unsigned i = below(4); i > 0; i--) {
		uint8_t label[1 + 63] = { below(20) == 0 ? 63 : 1 + below(5) };
		for (unsigned j = 1; j <= label[0]; j++) {
			label[j] = below(256);
		}
		put(label, 1 + label[0]);
	}
	if (made.names > 0 && below(4) > 0) {
		put_u16(0xc000 | made.name[below(made.names)]);
	} else {
		put("", 1);
	}
	made.name[made.names++] = begin;
}

static void put_octets(unsigned count)
{
	while (count-- > 0) {
		uint8_t octet = below(256);
		put(&octet, 1);
	}
}

static void put_random_record(void)
{
	static const uint16_t types[] = {
		KNOT_RRTYPE_A,     KNOT_RRTYPE_A,     KNOT_RRTYPE_AAAA,       KNOT_RRTYPE_CNAME,
		KNOT_RRTYPE_NS,    KNOT_RRTYPE_SOA,   KNOT_RRTYPE_MX,         KNOT_RRTYPE_TXT,
		KNOT_RRTYPE_CAA,   KNOT_RRTYPE_SRV,   KNOT_RRTYPE_RRSIG,      KNOT_RRTYPE_NSEC,
		KNOT_RRTYPE_NSEC3, KNOT_RRTYPE_DS,    KNOT_RRTYPE_DNSKEY,     KNOT_RRTYPE_NAPTR,
		KNOT_RRTYPE_APL,   KNOT_RRTYPE_HTTPS, KNOT_RRTYPE_NSEC3PARAM, 7 /* MB */,
		30 /* NXT */,      26 /* PX */,       KNOT_RRTYPE_DNAME,      65280,
	};
	put_name();
	uint16_t type = types[below(sizeof(types) / sizeof(types[0]))];
	put_u16(type);
	put_u16(below(50) == 0 ? KNOT_CLASS_CH : KNOT_CLASS_IN);
	put_octets(4);
	size_t length = made.size;
	put_u16(0);
	if (type == KNOT_RRTYPE_NAPTR) {
		put("\0\1\0\1\1U\2ab\0", 10);
		put_name();
	} else {
		const knot_rdata_descriptor_t *form = knot_get_rdata_descriptor(type);
		if (form->type_name == NULL) {
			form = knot_get_obsolete_rdata_descriptor(type);
		}
		for (unsigned i = 0; form->block_types[i] != KNOT_RDATA_WF_END; i++) {
			int block = form->block_types[i];
			if (block > 0) {
				put_octets(block);
			} else if (block == KNOT_RDATA_WF_FIXED_DNAME ||
			           block == KNOT_RDATA_WF_COMPRESSIBLE_DNAME ||
			           block == KNOT_RDATA_WF_DECOMPRESSIBLE_DNAME) {
				put_name();
			} else {
				put_octets(below(30));
			}
		}
	}
	knot_wire_write_u16(made.wire + length, made.size - length - 2);
}

static void make_message(unsigned records)
{
	memset(&made, 0, sizeof(made));
	put((const uint8_t[HEADER]){ [7] = records }, HEADER);
	for (unsigned i = 0; i < records; i++) {
		put_random_record();
	}
}

static void random_messages(void **state)
{
	(void)state;
	unsigned read = 0, whole = 0;
	for (unsigned i = 0; i < 10000; i++) {
		unsigned records = 1 + below(10);
		make_message(records);
		unsigned got = read_message(made.wire, made.size);
		read += got;
		whole += got == records;
	}
	// Names may become too long, RDATA may be empty: most are valid, not all.
	assert_in_range(whole, 5000, 9999);
	assert_true(read > 30000);
}

static void mutated_messages(void **state)
{
	(void)state;
	unsigned whole = 0, broken = 0;
	for (unsigned i = 0; i < 30000; i++) {
		unsigned records = 1 + below(6);
		make_message(records);
		for (unsigned j = 1 + below(3); j > 0; j--) {
			size_t at = HEADER + below(made.size - HEADER);
			switch (below(4)) {
			case 0:
				made.wire[at] = below(256);
				break;
			case 1:
				made.wire[at] ^= 1 << below(8);
				break;
			case 2: // A pointer to anywhere.
				made.wire[at] = 0xc0;
				made.wire[at + 1 < made.size ? at + 1 : at] = below(256);
				break;
			default:
				made.size -= below(made.size - HEADER);
				break;
			}
			// libknot looks at more than the form of these.
			if (memmem(made.wire, made.size, "\0\xfa", 2) != NULL ||
			    memmem(made.wire, made.size, "\0\x29", 2) != NULL) {
				make_message(records);
			}
		}
		unsigned got = read_message(made.wire, made.size);
		whole += got == records;
		broken += got < records;
	}
	assert_true(whole > 1000 && broken > 1000);

	// Records that begin anywhere.
	for (unsigned i = 0; i < 300; i++) {
		make_message(8);
		uint8_t *wire = __real_malloc(made.size);
		memcpy(wire, made.wire, made.size);
		for (size_t pos = 0; pos <= made.size; pos++) {
			(void)read_both(wire, made.size, pos);
		}
		free(wire);
	}
}

/*! A message of one record. */
static bool is_valid(const char *octets, size_t size)
{
	memset(&made, 0, sizeof(made));
	put((const uint8_t[HEADER]){ [7] = 1 }, HEADER);
	put(octets, size);

	return read_message(made.wire, made.size) == 1;
}

#define VALID(octets) assert_true(is_valid(octets, sizeof(octets) - 1))
#define WRONG(octets) assert_false(is_valid(octets, sizeof(octets) - 1))

static void cut_records(void **state)
{
	(void)state;
	static const char octets[] = "\3www\7example\0" FIXED("\5", "\6") "\3abc\xc0\x0c";
	VALID("\3www\7example\0" FIXED("\5", "\6") "\3abc\xc0\x0c");
	for (size_t size = 0; size < sizeof(octets) - 1; size++) {
		assert_false(is_valid(octets, size));
	}
}

static void wrong_names(void **state)
{
	(void)state;
	VALID("\1a\0" ADDRESS);
	VALID("\0" ADDRESS);
	// Loops and pointers forward: to itself, to a label that leads to it, behind it.
	WRONG("\xc0\x0c" ADDRESS);
	WRONG("\1a\xc0\x0c" ADDRESS);
	WRONG("\1a\xc0\x0e" ADDRESS);
	WRONG("\xc0\x0e\0" ADDRESS);
	WRONG("\xc0\xff" ADDRESS);
	WRONG("\xff\xff" ADDRESS);
	// Two kinds of label that nobody uses, and one that is cut.
	WRONG("\x40"
	      "a\0" ADDRESS);
	WRONG("\x80"
	      "a\0" ADDRESS);
	WRONG("\x3f"
	      "a\0" ADDRESS);
	// In RDATA: beyond its end, not to its end, forward.
	VALID("\1a\0" FIXED("\5", "\2") "\xc0\x0c");
	VALID("\0" FIXED("\5", "\2") "\xc0\x0c");
	WRONG("\1a\0" FIXED("\5", "\1") "\xc0\x0c");
	WRONG("\1a\0" FIXED("\5", "\2") "\3abc\0");
	WRONG("\1a\0" FIXED("\5", "\4") "\0abc");
	WRONG("\1a\0" FIXED("\5", "\2") "\xc0\x19");
	WRONG("\1a\0" FIXED("\5", "\2") "\xc0\x1a");

	// 255 octets are a name, 256 are none.
	for (unsigned last = 61; last <= 62; last++) {
		char name[4 * 64 + 20] = "";
		for (unsigned i = 0; i < 4; i++) {
			name[64 * i] = i < 3 ? 63 : (char)last;
		}
		size_t len = 3 * 64 + 1 + last;
		memcpy(name + len, "\0" ADDRESS, 1 + sizeof(ADDRESS) - 1);
		assert_true(is_valid(name, len + 1 + sizeof(ADDRESS) - 1) == (last == 61));
	}
}

static void wrong_rdata(void **state)
{
	(void)state;
	// Longer than what is left, too short, too long.
	WRONG("\0" FIXED("\1", "\5") "\xc0\0\2\1");
	WRONG("\0\0\1\0\1\0\0\0\7\xff\xff\xc0\0\2\1");
	WRONG("\0" FIXED("\1", "\3") "\xc0\0\2");
	WRONG("\0" FIXED("\1", "\5") "\xc0\0\2\1\0");
	WRONG("\0" FIXED("\1", "\0"));
	WRONG("\0" FIXED("\x10", "\0"));
	VALID("\0" FIXED("\x10", "\1") "\0");
	// SOA without its numbers, or with one octet more.
	WRONG("\0" FIXED("\6", "\2") "\0\0");
	VALID("\0" FIXED("\6", "\x16") "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1");
	WRONG("\0" FIXED("\6", "\x17") "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_records),      cmocka_unit_test(wrong_names),
		cmocka_unit_test(wrong_rdata),      cmocka_unit_test(random_messages),
		cmocka_unit_test(mutated_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
