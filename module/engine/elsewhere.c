/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Keeps what other zones say: the CAA RRsets that a CA meets outside a view. */

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "elsewhere.h"
#include "names.h"

/*! One RRset. Names and RDATA stand behind the pointers, in the same block. */
struct elsewhere_set {
	caaudit_record_t *record;
	const caaudit_record_t **sorted; /*!< By RDATA, as in a view. */
	size_t count;
};

static int compare_rdata(const void *a, const void *b)
{
	const caaudit_record_t *x = *(const caaudit_record_t *const *)a;
	const caaudit_record_t *y = *(const caaudit_record_t *const *)b;
	return octets_compare(x->rdata, x->rdlen, y->rdata, y->rdlen);
}

/*! Copies records into one block; false if out of memory. */
static bool copy_set(elsewhere_set_t *set, const caaudit_record_t *record, size_t count)
{
	size_t size = count * (sizeof(*record) + sizeof(*set->sorted));
	for (size_t i = 0; i < count; i++) {
		size += knot_dname_size(record[i].owner) + record[i].rdlen;
	}
	set->record = malloc(size > 0 ? size : 1);
	if (set->record == NULL) {
		return false;
	}
	set->sorted = (const caaudit_record_t **)(set->record + count);
	uint8_t *tail = (uint8_t *)(set->sorted + count);
	for (size_t i = 0; i < count; i++) {
		caaudit_record_t *copy = &set->record[i];
		*copy = record[i];
		copy->owner = tail;
		name_lower(tail, record[i].owner);
		tail += knot_dname_size(record[i].owner);
		copy->rdata = tail;
		if (record[i].rdlen > 0) {
			memcpy(tail, record[i].rdata, record[i].rdlen);
		}
		tail += record[i].rdlen;
		set->sorted[i] = copy;
	}
	if (count > 1) {
		qsort(set->sorted, count, sizeof(*set->sorted), compare_rdata);
	}
	for (size_t i = 0; i < count; i++) {
		if (set->count == 0 ||
		    compare_rdata(&set->sorted[set->count - 1], &set->sorted[i]) != 0) {
			set->sorted[set->count++] = set->sorted[i];
		}
	}
	return true;
}

bool elsewhere_add(elsewhere_t *elsewhere, const knot_dname_t *name, const caaudit_record_t *record,
                   size_t count)
{
	bool added = false;
	elsewhere_set_t set = { NULL };
	namemap_item_t *item = namemap_add(&elsewhere->index, name, 0, &added);
	if (item == NULL || item->value != 0) {
		return item != NULL;
	}
	elsewhere_set_t *slot = copy_set(&set, record, count) ?
	                                array_extend(&elsewhere->set, &elsewhere->count,
	                                             sizeof(*slot)) :
	                                NULL;
	if (slot == NULL) {
		free(set.record);
		return false;
	}
	*slot = set;
	item->value = elsewhere->count;
	return true;
}

bool elsewhere_find(const elsewhere_t *elsewhere, const knot_dname_t *name, caaudit_rrset_t *out)
{
	const namemap_item_t *item = namemap_find(&elsewhere->index, name, 0);
	if (item == NULL || item->value == 0) {
		return false;
	}
	const elsewhere_set_t *set = &elsewhere->set[item->value - 1];
	*out = (caaudit_rrset_t){ set->sorted, set->count };
	return true;
}

void elsewhere_clear(elsewhere_t *elsewhere)
{
	for (size_t i = 0; i < elsewhere->count; i++) {
		free(elsewhere->set[i].record);
	}
	free(elsewhere->set);
	namemap_clear(&elsewhere->index);
	*elsewhere = (elsewhere_t){ .set = NULL };
}
