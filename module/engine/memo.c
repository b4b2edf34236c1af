/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Keeps digests of signatures that have been verified. */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/digest.h>
#include <libdnssec/error.h>

#include "array.h"
#include "memo.h"

/*! Most signatures of one audit; beyond that the rest is verified every time. */
#define MAX_COUNT 4096

typedef struct {
	uint8_t digest[MEMO_DIGEST];
} entry_t;

struct caaudit_memo {
	entry_t *last; /*!< Of the audit before, sorted. */
	size_t last_count;
	entry_t *now; /*!< Of this one. */
	size_t count;
};

caaudit_memo_t *caaudit_memo_new(void)
{
	return calloc(1, sizeof(caaudit_memo_t));
}

void caaudit_memo_free(caaudit_memo_t *memo)
{
	if (memo != NULL) {
		free(memo->last);
		free(memo->now);
		free(memo);
	}
}

bool memo_digest(const dnssec_binary_t *key, const dnssec_binary_t *signature,
                 const dnssec_binary_t *data, uint8_t digest[MEMO_DIGEST])
{
	// The lengths first, so that the parts cannot be cut in another way.
	uint8_t lengths[] = { key->size >> 8, key->size & 255, signature->size >> 8,
		              signature->size & 255 };
	dnssec_binary_t parts[] = { { sizeof(lengths), lengths }, *key, *signature, *data };
	dnssec_digest_ctx_t *ctx = NULL;
	if (dnssec_digest_init(DNSSEC_DIGEST_SHA384, &ctx) != DNSSEC_EOK) {
		return false;
	}
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (dnssec_digest(ctx, &parts[i]) != DNSSEC_EOK) {
			return false; // The library has freed it.
		}
	}
	dnssec_binary_t out = { 0 };
	bool ok = dnssec_digest_finish(ctx, &out) == DNSSEC_EOK && out.size >= MEMO_DIGEST;
	if (ok) {
		memcpy(digest, out.data, MEMO_DIGEST);
	}
	dnssec_binary_free(&out);
	return ok;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(entry_t));
}

bool memo_knows(caaudit_memo_t *memo, const uint8_t digest[MEMO_DIGEST])
{
	if (memo->last_count == 0 ||
	    bsearch(digest, memo->last, memo->last_count, sizeof(entry_t), compare) == NULL) {
		return false;
	}
	memo_add(memo, digest);
	return true;
}

void memo_add(caaudit_memo_t *memo, const uint8_t digest[MEMO_DIGEST])
{
	entry_t *entry = memo->count < MAX_COUNT ?
	                         array_extend(&memo->now, &memo->count, sizeof(*entry)) :
	                         NULL;
	if (entry != NULL) {
		memcpy(entry->digest, digest, MEMO_DIGEST);
	}
}

void memo_turn(caaudit_memo_t *memo)
{
	if (memo->count > 0) {
		qsort(memo->now, memo->count, sizeof(*memo->now), compare);
	}
	free(memo->last);
	memo->last = memo->now;
	memo->last_count = memo->count;
	memo->now = NULL;
	memo->count = 0;
}
