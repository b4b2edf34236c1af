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
	for (reading_t reading = 0; reading < READING__COUNT; reading++) {
		const char *broken = scene_broken(&scene, reading);
		if (broken != NULL) {
			fprintf(stderr, "reading %d: %s\n", reading, broken);
		}
		REQUIRE(broken == NULL);
	}
	zone_free(&scene.zone);
	return 0;
}
