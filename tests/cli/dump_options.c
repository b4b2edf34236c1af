/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints the option table of the command, one option a line, fields set apart by tabs. */

#include <stdio.h>

#include "options.h"

int main(void)
{
	static const command_t all[] = { CMD_CHECK,   CMD_PROBE, CMD_FINDINGS,
		                         CMD_EXPLAIN, CMD_CAS,   CMD_STATS };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (const option_t *o = option_table; o->name != NULL; o++) {
			if (o->commands & all[i]) {
				printf("%s\t%s%c\t--%s\t%s\t%s\n", command_name(all[i]),
				       o->letter != 0 ? "-" : "", o->letter != 0 ? o->letter : '-',
				       o->name, o->arg != NULL ? o->arg : "",
				       o->kind == OPTION_WORDS ? "repeatable" : "once");
			}
		}
	}
	return 0;
}
