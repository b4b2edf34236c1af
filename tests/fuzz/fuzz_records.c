/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is a policy and a stream of records, written so that a few octets
 * make a meaningful record: names and values come from a list of words, or
 * follow in full. The zone is audited, and whatever the report says must
 * hold.
 */

#include "fuzz.h"

#include "report.h"

#include "caaudit/caa.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEX32        "0123456789abcdef0123456789abcdef"

static const char *const labels[] = {
	"www",
	"a",
	"b",
	"*",
	"sub",
	"WWW",
	"example",
	"com",
	"net",
	"sectigo",
	("_" HEX32),
	HEX32,
	"_acme-challenge",
	"_dnsauth",
	"_a",
	"dcv",
	"digicert",
	"acm-validations",
	"aws",
	"x",
};

static const char *const tags[] = {
	"issue",
	"issuewild",
	"iodef",
	"issuemail",
	"issuevmc",
	"contactemail",
	"contactphone",
	"policy",
	"IsSuE",
	"isue",
	"tbs",
	"issue-wild",
	"abcdefghijklmnopq",
	"",
};

static const char *const values[] = {
	"sectigo.com",
	"ca.example.net",
	";",
	"",
	"comodo.com",
	"Sectigo.com",
	"sectigo.com.",
	"sectgo.com",
	"ca.example.net; accounturi=urn:a",
	"ca.example.net; accounturi=urn:b",
	"ca.example.net; validationmethods=dns-01",
	"ca.example.net; validationmethods=http-01",
	"https://ca.example.net/",
	"\"ca.example.net\"",
	"a b",
	"mailto:a@example.com",
	"a@example.com",
	"+1-555-0100",
	"tel:+1-555-0100",
	"http://example.com/",
	" ca.example.net ; a=b; a=c",
	"usertrust.com",
};

static const char *const cas[] = { "sectigo.com", "ca.example.net", "comodo.com",
	                           "letsencrypt.org" };

static const uint16_t types[] = {
	KNOT_RRTYPE_CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_DNAME, KNOT_RRTYPE_NS,  KNOT_RRTYPE_TXT,
	KNOT_RRTYPE_A,   KNOT_RRTYPE_RRSIG, KNOT_RRTYPE_NSEC3, KNOT_RRTYPE_SOA,
};

static const knot_dname_t zone_name[] = "\7example\3com";
static const uint8_t soa[] = "\0\0"
			     "\0\0\0\7"
			     "\0\0\0\1"
			     "\0\0\0\1"
			     "\0\0\0\1"
			     "\0\0\0\1";

typedef struct {
	const uint8_t *at;
	const uint8_t *end;
} input_t;

static uint8_t take(input_t *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static size_t take_octets(input_t *in, uint8_t *out, size_t max)
{
	size_t len = take(in) % (max + 1), left = in->end - in->at;
	len = len < left ? len : left;
	memcpy(out, in->at, len);
	in->at += len;
	return len;
}

/*! A name: the lower three bits say how many labels, the next whether the zone follows. */
static void take_name(input_t *in, knot_dname_storage_t out)
{
	uint8_t how = take(in);
	bool relative = (how & 8) == 0;
	size_t size = 0, room = KNOT_DNAME_MAXLEN - (relative ? sizeof(zone_name) : 1);
	for (unsigned count = how & 7; count > 0; count--) {
		uint8_t label[1 + 63], word = take(in);
		if (word < 240) {
			const char *text = labels[word % COUNT(labels)];
			label[0] = strlen(text);
			memcpy(label + 1, text, label[0]);
		} else {
			label[0] = take_octets(in, label + 1, 63);
		}
		if (label[0] == 0 || size + 1 + label[0] > room) {
			break;
		}
		memcpy(out + size, label, 1 + label[0]);
		size += 1 + label[0];
	}
	if (relative) {
		memcpy(out + size, zone_name, sizeof(zone_name));
	} else {
		out[size] = 0;
	}
}

static uint16_t take_caa(input_t *in, uint8_t *out)
{
	static const uint8_t flags[] = { 0, 0, 0, 128, 1, 2, 129, 255 };
	uint8_t how = take(in);
	if (how >= 240) {
		return take_octets(in, out, 64);
	}
	const char *tag = tags[take(in) % COUNT(tags)];
	uint8_t word = take(in);
	out[0] = flags[how % COUNT(flags)];
	out[1] = strlen(tag);
	memcpy(out + 2, tag, out[1]);
	uint16_t len = 2 + out[1];
	if (word < 240) {
		const char *value = values[word % COUNT(values)];
		memcpy(out + len, value, strlen(value));
		return len + strlen(value);
	}
	return len + take_octets(in, out + len, 128);
}

static void take_record(input_t *in, zone_t *zone)
{
	knot_dname_storage_t owner, name;
	uint8_t how = take(in), rdata[1024];
	uint16_t type = types[how % COUNT(types)], len = 0;
	take_name(in, owner);
	uint32_t ttl = (how & 128) ? 86400 : 3600;
	switch (type) {
	case KNOT_RRTYPE_CAA:
		len = take_caa(in, rdata);
		break;
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		if (how == 255) {
			len = take_octets(in, rdata, 32);
		} else {
			take_name(in, name);
			len = knot_dname_size(name);
			memcpy(rdata, name, len);
		}
		break;
	case KNOT_RRTYPE_TXT: {
		knot_dname_txt_storage_t text;
		take_name(in, name);
		if ((how & 64) != 0) {
			len = take_octets(in, rdata, 64);
		} else if (knot_dname_to_str(text, name, sizeof(text)) != NULL &&
		           strlen(text) < 256) {
			rdata[0] = strlen(text);
			memcpy(rdata + 1, text, rdata[0]);
			len = 1 + rdata[0];
		}
		break;
	}
	case KNOT_RRTYPE_SOA:
		memcpy(rdata, soa, sizeof(soa) - 1);
		len = sizeof(soa) - 1;
		break;
	default:
		rdata[0] = 0;
		len = 1;
		break;
	}
	zone_add(zone, owner, type, ttl, rdata, len);
}

/*! Is a label of the name "*"? */
static bool has_asterisk(const knot_dname_t *name)
{
	bool found = false;
	for (; *name != 0; name += 1 + name[0]) {
		found = found || (name[0] == 1 && name[1] == '*');
	}
	return found;
}

static caaudit_policy_t *take_policy(input_t *in)
{
	caaudit_policy_t *policy = caaudit_policy_new(zone_name);
	uint8_t how = take(in), counts = take(in);
	policy->strict = how & 1;
	policy->wildcard = (how & 2) == 0;
	if ((how & 4) != 0) {
		REQUIRE(caaudit_policy_set_account(policy, "urn:a", NULL) == KNOT_EOK);
	}
	if ((how & 8) != 0) {
		REQUIRE(caaudit_policy_set_method(policy, "dns-01", NULL) == KNOT_EOK);
	}
	for (unsigned i = 0; i < COUNT(cas); i++) {
		if ((how >> 4 >> i & 1) != 0) {
			REQUIRE(caaudit_policy_add_ca(policy, cas[i], NULL) == KNOT_EOK);
		}
	}
	knot_dname_storage_t name, target;
	knot_dname_txt_storage_t text;
	for (unsigned i = counts & 3; i > 0; i--) {
		take_name(in, name);
		int ret = knot_dname_to_str(text, name, sizeof(text)) == NULL ?
		                  KNOT_EINVAL :
		                  caaudit_policy_add_host(policy, text, NULL);
		REQUIRE(ret == KNOT_EOK || ret == KNOT_ERANGE || ret == KNOT_EINVAL);
		REQUIRE(ret != KNOT_EINVAL || name[1] == '*');
	}
	for (unsigned i = counts >> 2 & 3; i > 0; i--) {
		take_name(in, name);
		take_name(in, target);
		int ret;
		if ((counts & 64) != 0 && knot_dname_to_str(text, target, sizeof(text)) != NULL &&
		    strlen(text) < 256) {
			// In two strings: the zone has it in one.
			uint8_t rdata[258] = { 1, text[0], strlen(text) - 1 };
			memcpy(rdata + 3, text + 1, rdata[2]);
			ret = caaudit_policy_add_expected_txt(policy, name, rdata, 3 + rdata[2],
			                                      3600, NULL);
		} else {
			ret = caaudit_policy_add_expected(policy, name,
			                                  (counts & 128) != 0 ? NULL : target, 3600,
			                                  NULL);
		}
		REQUIRE(ret == KNOT_EOK || ret == KNOT_ERANGE || ret == KNOT_EINVAL);
		REQUIRE(ret != KNOT_EINVAL || has_asterisk(name));
	}
	REQUIRE(caaudit_policy_finish(policy, 0) == KNOT_EOK);
	return policy;
}

/* --- What holds for every zone ------------------------------------------------------------------- */

static const caaudit_ca_t *find_ca(const caaudit_policy_t *policy, const char *name)
{
	size_t i = 0;
	while (policy->ca[i].name != name) {
		REQUIRE(++i < policy->ca_count);
	}
	return &policy->ca[i];
}

/*! Is there a property with the tag, and one that names the CA? */
static bool has_property(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca,
                         bool *named)
{
	bool any = false;
	*named = false;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_issue_t issue;
		if (caaudit_caa_parse(rrset.record[i]->rdata, rrset.record[i]->rdlen, &caa) !=
		            KNOT_EOK ||
		    caaudit_caa_tag(caa.tag, caa.tag_len) != tag) {
			continue;
		}
		any = true;
		*named = *named ||
		         (caaudit_issue_parse(caa.value, caa.value_len, &issue, NULL) == KNOT_EOK &&
		          caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len));
	}
	return any;
}

static void check_verdict(const caaudit_policy_t *policy, const caaudit_verdict_t *verdict)
{
	REQUIRE((verdict->is.decided_by != NULL) == (verdict->is.rrset.count > 0));

	bool named_issue, named_wild;
	const caaudit_ca_t *ca = find_ca(policy, verdict->ca);
	bool wild = has_property(verdict->is.rrset, CAAUDIT_TAG_ISSUEWILD, ca, &named_wild);
	bool issue = has_property(verdict->is.rrset, CAAUDIT_TAG_ISSUE, ca, &named_issue);
	REQUIRE(verdict->is.by_issuewild == (verdict->wildcard && wild));
	bool any = verdict->is.by_issuewild ? wild : issue;
	bool named = verdict->is.by_issuewild ? named_wild : named_issue;

	switch (verdict->is.permit) {
	case CAAUDIT_PERMITTED:
		switch (verdict->is.reason) {
		case CAAUDIT_REASON_NO_CAA:
			REQUIRE(verdict->is.rrset.count == 0 && verdict->asked == NULL);
			break;
		case CAAUDIT_REASON_UNRESTRICTED:
			REQUIRE(verdict->is.rrset.count > 0 && !any);
			break;
		default:
			REQUIRE(verdict->is.reason == CAAUDIT_REASON_LISTED && named);
			break;
		}
		break;
	case CAAUDIT_DENIED:
		REQUIRE(verdict->is.rrset.count > 0);
		REQUIRE(verdict->is.reason >= CAAUDIT_REASON_NOT_LISTED &&
		        verdict->is.reason <= CAAUDIT_REASON_RDATA);
		REQUIRE(any || verdict->is.reason >= CAAUDIT_REASON_CRITICAL);
		REQUIRE(!named || verdict->is.reason >= CAAUDIT_REASON_PARAMETERS);
		break;
	default:
		REQUIRE(verdict->is.permit == CAAUDIT_UNKNOWN && verdict->is.rrset.count == 0);
		REQUIRE(verdict->is.reason >= CAAUDIT_REASON_EXTERNAL && verdict->asked != NULL);
		break;
	}
}

static void check_validation(const caaudit_validation_t *validation)
{
	const caaudit_expected_t *expected = validation->expected;
	const caaudit_record_t *found = validation->found;
	bool txt = expected->txt != NULL;
	REQUIRE(found == NULL || found->type == (txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME) ||
	        (found->type == KNOT_RRTYPE_CNAME &&
	         validation->state == CAAUDIT_VALIDATION_MISMATCH));
	switch (validation->state) {
	case CAAUDIT_VALIDATION_PRESENT:
	case CAAUDIT_VALIDATION_PRESENT_ABOVE:
	case CAAUDIT_VALIDATION_PRESENT_AT_TARGET:
		REQUIRE(found != NULL);
		REQUIRE(expected->target == NULL ||
		        knot_dname_is_case_equal(found->rdata, expected->target));
		break;
	case CAAUDIT_VALIDATION_MISMATCH:
		REQUIRE(found != NULL);
		REQUIRE(expected->target == NULL ||
		        !knot_dname_is_case_equal(found->rdata, expected->target));
		break;
	default:
		REQUIRE(found == NULL);
		break;
	}
}

/*! Audits a zone and checks the report; NULL if a record in it is malformed. */
static caaudit_report_t *audit(zone_t *zone, const caaudit_policy_t *policy)
{
	caaudit_report_t *report;
	int ret = caaudit_audit(policy, zone_read, zone, 0, &report);
	REQUIRE(ret == KNOT_EOK || ret == KNOT_EMALF);
	REQUIRE((report != NULL) == (ret == KNOT_EOK));
	if (report == NULL) {
		return NULL;
	}
	const char *broken = report_broken(report, policy, zone);
	if (broken != NULL) {
		fprintf(stderr, "%s\n", broken);
	}
	REQUIRE(broken == NULL);
	for (size_t i = 0; i < report->verdict_count; i++) {
		check_verdict(policy, &report->verdict[i]);
	}
	for (size_t i = 0; i < report->validation_count; i++) {
		check_validation(&report->validation[i]);
	}
	// The alias of an expected record leads out without any verdict.
	REQUIRE(report->gap_count == 0 || report->verdict_count > 0 ||
	        report->validation_count > 0);
	return report;
}

static bool same_subject(const caaudit_finding_t *a, const caaudit_finding_t *b)
{
	return a->id == b->id && knot_dname_is_equal(a->owner, b->owner) &&
	       strcmp(report_str(a->ca), report_str(b->ca)) == 0;
}

/*! Is the remedy a record that cures, whatever else is wrong? */
static bool cures_alone(const caaudit_finding_t *finding)
{
	switch (finding->id) {
	case CAAUDIT_CAA_ISSUE_DENIED:
	case CAAUDIT_CAA_ISSUEWILD_DENIED:
	case CAAUDIT_CAA_ANCESTOR_OVERRIDDEN:
	case CAAUDIT_DCV_ISSUER_DENIED:
		return finding->fix == CAAUDIT_FIX_ADD;
	default:
		return false;
	}
}

/*! One of the remedies that add a record is applied, and does what it is said to do. */
static void check_cure(const caaudit_report_t *report, zone_t *zone, const caaudit_policy_t *policy,
                       size_t which)
{
	const caaudit_finding_t *chosen = NULL;
	for (size_t i = 0; chosen == NULL && i < report->finding_count; i++) {
		const caaudit_finding_t *f = &report->finding[(i + which) % report->finding_count];
		chosen = cures_alone(f) ? f : NULL;
	}
	if (chosen == NULL) {
		return;
	}
	REQUIRE(report_apply(zone, chosen));
	caaudit_report_t *cured = audit(zone, policy);
	REQUIRE(cured != NULL);
	for (size_t i = 0; i < cured->finding_count; i++) {
		REQUIRE(!same_subject(&cured->finding[i], chosen));
	}
	caaudit_report_free(cured);
}

/*! Every owner exists unless its records make no name, and a look-up finds its way. */
static void check_view(const caaudit_view_t *view, const zone_t *zone)
{
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		knot_dname_storage_t owner;
		memcpy(owner, r->owner, knot_dname_size(r->owner));
		knot_dname_to_lower(owner);
		caaudit_lookup_t out;
		caaudit_view_lookup(view, r->owner, r->type, &out);
		if (knot_dname_in_bailiwick(owner, zone_name) < 0) {
			REQUIRE(out.answer == CAAUDIT_OUTSIDE && !caaudit_view_exists(view, owner));
			continue;
		}
		REQUIRE(out.answer != CAAUDIT_OUTSIDE);
		if (r->type != KNOT_RRTYPE_RRSIG && r->type != KNOT_RRTYPE_NSEC3) {
			REQUIRE(caaudit_view_exists(view, r->owner));
			REQUIRE(out.answer != CAAUDIT_NXDOMAIN && !out.wildcard);
		}
		if (r->type == KNOT_RRTYPE_CAA) {
			REQUIRE(caaudit_view_rrset(view, r->owner, r->type).count > 0);
			REQUIRE(out.answer == CAAUDIT_ANSWER || out.answer >= CAAUDIT_CNAME);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input_t in = { data, data + size };
	caaudit_policy_t *policy = take_policy(&in);
	static zone_t zone; // Its array stays, that is faster.
	zone_clear(&zone);
	zone_add(&zone, zone_name, KNOT_RRTYPE_SOA, 1, soa, sizeof(soa) - 1);
	while (in.at < in.end && zone.count < 64) {
		take_record(&in, &zone);
	}

	caaudit_report_t *report = audit(&zone, policy);
	if (report != NULL) {
		check_view(report->view, &zone);
		check_cure(report, &zone, policy, size);
	}
	caaudit_report_free(report);
	caaudit_policy_free(policy);
	return 0;
}
