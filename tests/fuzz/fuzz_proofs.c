/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is a scene of signatures and denials, see proofs_model.h: records
 * in one of the orders that zones come in, and names that are wanted. What is
 * selected, from one reading and in a second one, is what the model selects, or
 * it is a gap where the model allows for one.
 */

#include "fuzz.h"

#include "proofs_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static scene_t scene;
	scene_make(&scene, data, size);
	for (unsigned again = 0; again < 2; again++) {
		const char *broken = scene_broken(&scene, again == 1);
		if (broken != NULL) {
			fprintf(stderr, "reading %u: %s\n", again + 1, broken);
		}
		REQUIRE(broken == NULL);
	}
	zone_free(&scene.zone);
	return 0;
}
