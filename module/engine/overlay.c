/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Keeps the RRsets and names that a change makes different. */

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "overlay.h"

static int compare_sets(const void *a, const void *b)
{
	const overlay_set_t *x = a, *y = b;
	if (x->hash != y->hash) {
		return x->hash < y->hash ? -1 : 1;
	}
	return x->type != y->type ? (int)x->type - (int)y->type :
	                            knot_dname_cmp(x->owner, y->owner);
}

/*! Where a record stands in an RRset; its size if it does not. */
static size_t find_record(caaudit_rrset_t set, const caaudit_record_t *record)
{
	size_t i = 0;
	while (i < set.count && (set.record[i]->rdlen != record->rdlen ||
	                         memcmp(set.record[i]->rdata, record->rdata, record->rdlen) != 0)) {
		i++;
	}
	return i;
}

/*! Takes an RRset in, a copy of that of the view at first; NULL if out of memory. */
static overlay_set_t *take_set(overlay_t *overlay, uint64_t hash, caaudit_rrset_t base,
                               const caaudit_record_t *record)
{
	// The last ones first: changes of one RRset follow each other.
	for (size_t i = overlay->set_count; i > 0; i--) {
		overlay_set_t *set = &overlay->set[i - 1];
		if (set->hash == hash && set->type == record->type &&
		    knot_dname_is_equal(set->owner, record->owner)) {
			return set;
		}
	}
	const caaudit_record_t **copy = malloc((base.count + 1) * sizeof(*copy));
	overlay_set_t *set = copy == NULL ?
	                             NULL :
	                             array_extend(&overlay->set, &overlay->set_count, sizeof(*set));
	if (set == NULL) {
		free(copy);
		return NULL;
	}
	if (base.count > 0) {
		memcpy(copy, base.record, base.count * sizeof(*copy));
	}
	*set = (overlay_set_t){
		.hash = hash,
		.owner = record->owner,
		.type = record->type,
		.fresh = base.count == 0,
		.set = { copy, base.count },
	};
	return set;
}

bool overlay_change(overlay_t *overlay, uint64_t hash, caaudit_rrset_t base,
                    const caaudit_record_t *record, bool add)
{
	overlay_set_t *set = take_set(overlay, hash, base, record);
	if (set == NULL) {
		return false;
	}
	const caaudit_record_t **array = (const caaudit_record_t **)(uintptr_t)set->set.record;
	size_t at = find_record(set->set, record);
	if (!add && at < set->set.count) {
		set->set.count--;
		memmove(array + at, array + at + 1, (set->set.count - at) * sizeof(*array));
	} else if (add && at == set->set.count) {
		const caaudit_record_t **grown = realloc(array, (at + 2) * sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		grown[at] = record;
		set->set = (caaudit_rrset_t){ grown, at + 1 };
	}
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const overlay_name_t *x = a, *y = b;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

bool overlay_note(overlay_t *overlay, uint64_t hash, unsigned has)
{
	overlay_name_t *there = (overlay_name_t *)(uintptr_t)overlay_find_name(overlay, hash);
	if (there != NULL) {
		there->has = has;
		return true;
	}
	if (array_extend(&overlay->name, &overlay->name_count, sizeof(*overlay->name)) == NULL) {
		return false;
	}
	size_t at = overlay->name_count - 1;
	while (at > 0 && overlay->name[at - 1].hash > hash) {
		overlay->name[at] = overlay->name[at - 1];
		at--;
	}
	overlay->name[at] = (overlay_name_t){ hash, has };
	return true;
}

void overlay_sort_sets(overlay_t *overlay)
{
	if (overlay->set_count > 1) {
		qsort(overlay->set, overlay->set_count, sizeof(*overlay->set), compare_sets);
	}
}

const overlay_set_t *overlay_find(const overlay_t *overlay, uint64_t hash,
                                  const knot_dname_t *owner, uint16_t type)
{
	const overlay_set_t key = { .hash = hash, .owner = owner, .type = type };
	return overlay->set_count == 0 ?
	               NULL :
	               bsearch(&key, overlay->set, overlay->set_count, sizeof(key), compare_sets);
}

const overlay_name_t *overlay_find_name(const overlay_t *overlay, uint64_t hash)
{
	const overlay_name_t key = { .hash = hash };
	return overlay->name_count == 0 ? NULL :
	                                  bsearch(&key, overlay->name, overlay->name_count,
	                                          sizeof(key), compare_names);
}

void overlay_clear(overlay_t *overlay)
{
	for (size_t i = 0; i < overlay->set_count; i++) {
		free((void *)(uintptr_t)overlay->set[i].set.record);
	}
	free(overlay->set);
	free(overlay->name);
}
