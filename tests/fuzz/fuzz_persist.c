/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is the text of a persistent validation record. What the parser says lies in the text and
 * means the same without white space; a mended text is one that CAs take; an audit has the same view.
 */

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "fuzz.h"

#include "caaudit/audit.h"
#include "persist.h"
#include "txt.h"

#define NOW CAAUDIT_DAY(2027, 1, 1)

static const knot_dname_t zone[] = "\7example\3com";
static const knot_dname_t owner[] = "\x13_validation-persist\7example\3com";

static bool lies_in(const uint8_t *data, size_t size, const caaudit_param_t *param)
{
	return param->tag_len == 0 ||
	       (param->tag >= data && param->value + param->value_len <= data + size);
}

/*! The text without the white space of the grammar; it is written behind what it replaces. */
static size_t squeeze(const persist_t *says, uint8_t *out)
{
	size_t len = says->issue.issuer_len;
	memcpy(out, says->issue.issuer, len);
	caaudit_issue_t rest = says->issue;
	caaudit_param_t param;
	while (caaudit_issue_next(&rest, &param)) {
		out[len++] = ';';
		memcpy(out + len, param.tag, param.tag_len);
		len += param.tag_len;
		out[len++] = '=';
		memcpy(out + len, param.value, param.value_len);
		len += param.value_len;
	}
	return len;
}

static void check_mended(const uint8_t *data, size_t size)
{
	uint8_t *mended = malloc(size + 1), *again = malloc(size + 1);
	size_t len = persist_mend(data, size, mended);
	if (len > 0) {
		persist_t says;
		persist_parse(mended, len, &says);
		REQUIRE(len <= size && !(says.faults & PERSIST_REFUSED));
		REQUIRE(persist_mend(mended, len, again) == 0);
	}
	free(mended);
	free(again);
}

static int read_zone(void *context, caaudit_view_t *view)
{
	static const uint8_t soa[22] = { 0 };
	const caaudit_record_t apex = { .owner = zone,
		                        .rdata = soa,
		                        .ttl = 60,
		                        .type = KNOT_RRTYPE_SOA,
		                        .rdlen = sizeof(soa) };
	int ret = caaudit_view_add(view, &apex);
	return ret == KNOT_EOK ? caaudit_view_add(view, context) : ret;
}

/*! An audit of a zone with the record finds by the parser. */
static void check_audit(const uint8_t *data, size_t size, const persist_t *says)
{
	static uint8_t rdata[1024];
	caaudit_record_t record = { .owner = owner,
		                    .rdata = rdata,
		                    .ttl = 60,
		                    .type = KNOT_RRTYPE_TXT,
		                    .rdlen = txt_split(data, size, rdata) };
	uint8_t joined[512];
	REQUIRE(txt_is_sound(rdata, record.rdlen));
	REQUIRE(txt_join(rdata, record.rdlen, joined) == size && memcmp(joined, data, size) == 0);

	caaudit_policy_t *policy = caaudit_policy_new(zone);
	caaudit_report_t *report = NULL;
	REQUIRE(caaudit_policy_add_ca(policy, "sectigo.com", NULL) == KNOT_EOK);
	REQUIRE(caaudit_policy_finish(policy, NOW) == KNOT_EOK);
	REQUIRE(caaudit_audit(policy, read_zone, &record, NOW, &report) == KNOT_EOK);
	bool malformed = false, expired = false;
	for (size_t i = 0; i < report->finding_count; i++) {
		malformed = malformed || report->finding[i].id == CAAUDIT_DCV_PERSIST_MALFORMED;
		expired = expired || report->finding[i].id == CAAUDIT_DCV_PERSIST_EXPIRED;
	}
	REQUIRE(malformed || says->faults == 0);
	REQUIRE(expired == (!(says->faults & PERSIST_REFUSED) && says->time != UINT64_MAX &&
	                    (says->time < NOW || says->time - NOW <= 30 * 86400)));
	caaudit_report_free(report);
	caaudit_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 512) {
		return 0;
	}
	persist_t says, same;
	bool taken;
	persist_parse(data, size, &says);
	(void)persist_ca(&says, &taken);
	REQUIRE(lies_in(data, size, &says.account) && lies_in(data, size, &says.until));
	REQUIRE(lies_in(data, size, &says.policy) && lies_in(data, size, &says.slip));
	REQUIRE(((says.faults & PERSIST_SYNTAX) != 0) == (says.faults == PERSIST_SYNTAX));
	REQUIRE(((says.faults & PERSIST_TWICE) != 0) == (says.twice != NULL));
	REQUIRE(((says.faults & PERSIST_SLIP) != 0) == (says.meant != NULL));
	check_mended(data, size);
	if (!(says.faults & PERSIST_SYNTAX)) {
		uint8_t *squeezed = malloc(size + 1);
		size_t len = squeeze(&says, squeezed);
		REQUIRE(len <= size);
		persist_parse(squeezed, len, &same);
		REQUIRE(same.faults == says.faults && same.time == says.time);
		REQUIRE(same.wildcard == says.wildcard && same.twice == says.twice);
		free(squeezed);
	}
	// An audit takes a hundred times as long; an input that is replayed always has one.
	static unsigned calls;
	if (calls++ < 100 || calls % 1000 == 0) {
		check_audit(data, size, &says);
	}
	return 0;
}
