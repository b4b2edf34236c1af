/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is the RDATA of a CAA record. It is taken apart, printed and read
 * back, and audited alone in a zone.
 */

#include "fuzz.h"

#include "report.h"
#include "text.h"

#include "caaudit/caa.h"

static const knot_dname_t zone_name[] = "\7example\3com";
static const uint8_t soa[] = "\0\0"
			     "\0\0\0\7"
			     "\0\0\0\1"
			     "\0\0\0\1"
			     "\0\0\0\1"
			     "\0\0\0\1";

static void check_parts(const uint8_t *data, size_t size)
{
	caaudit_caa_t caa;
	int ret = caaudit_caa_parse(data, size, &caa);
	REQUIRE(ret == (size >= 2 && 2u + data[1] <= size ? KNOT_EOK : KNOT_EMALF));
	if (ret == KNOT_EOK) {
		REQUIRE(caa.flags == data[0] && caa.tag_len == data[1]);
		REQUIRE(caa.tag == data + 2 && caa.value == caa.tag + caa.tag_len);
		REQUIRE(caa.value + caa.value_len == data + size);
		REQUIRE(caaudit_caa_tag(caa.tag, caa.tag_len) <= CAAUDIT_TAG_RESERVED);
	}
}

static void check_text(const uint8_t *data, size_t size)
{
	const caaudit_record_t record = {
		.owner = zone_name,
		.type = KNOT_RRTYPE_CAA,
		.ttl = 3600,
		.rdata = data,
		.rdlen = size,
	};
	text_t text = TEXT_EMPTY;
	text_caa(&text, &record);
	REQUIRE(report_printable(text.str));
	if (size > 0) { // libzscanner refuses "\# 0".
		zone_t parsed;
		REQUIRE(report_parse(text.str, &parsed));
		REQUIRE(parsed.record[0].type == KNOT_RRTYPE_CAA && parsed.record[0].rdlen == size);
		REQUIRE(memcmp(parsed.record[0].rdata, data, size) == 0);
		zone_free(&parsed);
	}
	text_free(&text);
}

static void check_audit(const uint8_t *data, size_t size)
{
	static caaudit_policy_t *policy;
	if (policy == NULL) {
		policy = caaudit_policy_new(zone_name);
		REQUIRE(caaudit_policy_add_ca(policy, "sectigo.com", NULL) == KNOT_EOK);
		REQUIRE(caaudit_policy_add_host(policy, "@", NULL) == KNOT_EOK);
		REQUIRE(caaudit_policy_finish(policy, 0) == KNOT_EOK);
	}
	zone_t zone = ZONE_EMPTY;
	zone_add(&zone, zone_name, KNOT_RRTYPE_SOA, 1, soa, sizeof(soa) - 1);
	zone_add(&zone, zone_name, KNOT_RRTYPE_CAA, 1, data, size);
	caaudit_report_t *report;
	REQUIRE(caaudit_audit(policy, zone_read, &zone, 0, &report) == KNOT_EOK);
	const char *broken = report_broken(report, policy, &zone);
	if (broken != NULL) {
		fprintf(stderr, "%s\n", broken);
	}
	REQUIRE(broken == NULL);
	REQUIRE(report->verdict_count == 2);
	caaudit_report_free(report);
	zone_free(&zone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > UINT16_MAX) {
		return 0;
	}
	check_parts(data, size);
	check_text(data, size);
	check_audit(data, size);
	return 0;
}
