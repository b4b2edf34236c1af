/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The limit for a zone checker: libzscanner over a file, and nothing else. */

#include <stdio.h>
#include <stdlib.h>

#include <libzscanner/scanner.h>

static unsigned long count;

static void take(zs_scanner_t *scanner)
{
	(void)scanner;
	count++;
}

int main(int argc, char *argv[])
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (argc != 3 || scanner == NULL || zs_init(scanner, argv[1], 1, 3600) != 0 ||
	    zs_set_input_file(scanner, argv[2]) != 0 ||
	    zs_set_processing(scanner, take, NULL, NULL) != 0 || zs_parse_all(scanner) != 0) {
		fprintf(stderr, "usage: bare ORIGIN FILE (a file without errors)\n");
		return 2;
	}
	zs_deinit(scanner);
	free(scanner);
	printf("%lu\n", count);
	return 0;
}
