/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The command "caaudit cas": prints what is known of CAs. */

#include <jansson.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "caaudit/cas.h"
#include "caaudit/policy.h"
#include "commands.h"
#include "terminal.h"
#include "text.h"

/*! A line under construction; the table's longest list has a third of that. */
typedef struct {
	char text[1024];
	size_t len;
} line_t;

__attribute__((format(printf, 2, 3))) static void add(line_t *line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(line->text + line->len, sizeof(line->text) - line->len, format, args);
	va_end(args);
	line->len += len;
	if (line->len >= sizeof(line->text)) {
		line->len = sizeof(line->text) - 1;
	}
}

static bool has(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcasecmp(*list, name) == 0) {
			return true;
		}
	}
	return false;
}

/*! Adds the names of a list that are not in another. */
static void add_list(line_t *line, const char *const *list, const char *const *without)
{
	for (; list != NULL && *list != NULL; list++) {
		if (!has(without, *list)) {
			add(line, "%s%s", line->len > 0 ? " " : "", *list);
		}
	}
}

/*! Adds the targets of a form: "HEX32.HEX32.sectigo.com or ...". */
static void add_targets(line_t *line, const caaudit_form_t *form)
{
	const char *pattern = form->targets;
	while (true) {
		size_t len = strcspn(pattern, " ");
		add(line, "%.*s%s%s", (int)len, pattern, len > 0 ? "." : "", form->suffix);
		if (pattern[len] == '\0') {
			return;
		}
		add(line, " or ");
		pattern += len + 1;
	}
}

static const char *day_text(uint64_t day, char out[16])
{
	time_t at = (time_t)day;
	struct tm tm;
	gmtime_r(&at, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
	return out;
}

static const char *certainty_name(caaudit_certainty_t certainty)
{
	static const char *const name[] = { "read", "quoted", "third party", "unverified" };
	return name[certainty];
}

static const char *climb_name(caaudit_climb_t climb)
{
	static const char *const name[] = { "host and above", "host", "host, above not known" };
	return name[climb];
}

/* --- What is asked for ---------------------------------------------------------------------- */

/*! CAs and products that a command is about. */
typedef struct {
	bool ca[CAAUDIT_CA__COUNT];
	bool all;                 /*!< Nothing was asked for. */
	const options_t *options; /*!< Its operands name the products. */
} choice_t;

static bool is_product(const choice_t *choice, const caaudit_product_t *product)
{
	for (size_t i = 0; i < choice->options->operand.count; i++) {
		if (has(product->name, choice->options->operand.item[i])) {
			return true;
		}
	}
	return choice->all;
}

/*! Name that was probably meant, NULL if none is near. */
static const char *meant(const char *given)
{
	const char *name = caaudit_ca_lookalike(given);
	if (name != NULL) {
		return name;
	}
	const char *words[CAAUDIT_CA__COUNT + 64];
	size_t count = 0;
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		words[count++] = caaudit_cas[i].owner;
	}
	for (size_t i = 0; i < caaudit_products_count && i < 64; i++) {
		words[count++] = caaudit_products[i].name[0];
	}
	return nearest(given, words, count);
}

/*! Marks the CAs with a name or owner, or complains; products are found by is_product(). */
static bool choose(choice_t *choice, const char *given)
{
	bool found = false;
	size_t len = strlen(given);
	char name[256];
	if (len >= sizeof(name)) {
		complain(stderr, "no CA has a name of %zu characters", len);
		return false;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(len - (len > 1 && given[len - 1] == '.')),
	         given);
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		if (has(caaudit_cas[i].name, name) || strcasecmp(caaudit_cas[i].owner, name) == 0) {
			choice->ca[i] = found = true;
		}
	}
	for (size_t i = 0; i < caaudit_products_count; i++) {
		found = found || has(caaudit_products[i].name, given);
	}
	if (found) {
		return true;
	}
	const char *near = meant(name);
	if (near != NULL) {
		complain(stderr, "no CA '%s'; did you mean '%s'?", given, near);
	} else {
		complain(stderr, "no CA '%s'; 'caaudit cas' lists them", given);
	}
	return false;
}

/* --- JSON ----------------------------------------------------------------------------------- */

static json_t *list_json(const char *const *list)
{
	json_t *out = json_array();
	for (; list != NULL && *list != NULL; list++) {
		json_array_append_new(out, json_string(*list));
	}
	return out;
}

static json_t *day_json(uint64_t day)
{
	char text[16];
	return day != 0 ? json_string(day_text(day, text)) : json_null();
}

static json_t *source_json(const caaudit_source_t *source)
{
	return json_pack("{s:s, s:o, s:s}", "text", source->text, "read", day_json(source->day),
	                 "known", certainty_name(source->certainty));
}

static json_t *form_json(const caaudit_form_t *form)
{
	line_t targets = { .len = 0 };
	add_targets(&targets, form);
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s?, s:o, s:o}", "product", form->name,
	                 "owner", form->owners, "target", targets.text, "asked",
	                 climb_name(form->climb), "renewal", form->renewal, "method", form->method,
	                 "ended", day_json(form->ended), "source", source_json(form->source));
}

static json_t *forms_json(size_t id)
{
	json_t *out = json_array();
	for (size_t i = 0; i < caaudit_forms_count; i++) {
		if (caaudit_forms[i].ca_id == id) {
			json_array_append_new(out, form_json(&caaudit_forms[i]));
		}
	}
	return out;
}

static json_t *txts_json(void)
{
	json_t *out = json_array();
	for (size_t i = 0; i < caaudit_txts_count; i++) {
		const caaudit_txt_t *txt = &caaudit_txts[i];
		json_array_append_new(out, json_pack("{s:s, s:s?, s:s?, s:o}", "owner", txt->labels,
		                                     "publish",
		                                     txt->ca != CAAUDIT_CA_ANY ?
		                                             caaudit_cas[txt->ca].name[0] :
		                                             NULL,
		                                     "method", txt->method, "source",
		                                     source_json(txt->source)));
	}
	return out;
}

static json_t *addresses_json(void)
{
	json_t *out = json_array();
	for (size_t i = 0; i < caaudit_addresses_count; i++) {
		const caaudit_address_t *address = &caaudit_addresses[i];
		json_array_append_new(out, json_pack("{s:s, s:s, s:o}", "address", address->address,
		                                     "product", address->product, "source",
		                                     source_json(address->source)));
	}
	return out;
}

static json_t *ca_json(size_t id)
{
	const caaudit_ca_info_t *ca = &caaudit_cas[id];
	json_t *accounts = json_array(), *staging = json_array(), *parameters = json_array();
	for (size_t i = 0; i < caaudit_acmes_count; i++) {
		if (caaudit_acmes[i].ca == id) {
			json_array_append_new(caaudit_acmes[i].staging ? staging : accounts,
			                      json_string(caaudit_acmes[i].host));
		}
	}
	for (size_t i = 0; i < caaudit_parameters_count; i++) {
		if (caaudit_parameters[i].ca == id || caaudit_parameters[i].ca == CAAUDIT_CA_ANY) {
			json_array_append_new(parameters, json_string(caaudit_parameters[i].tag));
		}
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "owner", ca->owner,
	                 "publish", ca->name[0], "names", list_json(ca->name), "deprecated",
	                 list_json(ca->deprecated), "persist",
	                 ca->persist != NULL ? list_json(ca->persist) : json_null(), "validations",
	                 forms_json(id), "accounts", accounts, "staging", staging, "parameters",
	                 parameters, "source", source_json(ca->source));
}

static json_t *product_json(const caaudit_product_t *product)
{
	const caaudit_ca_info_t *ca = &caaudit_cas[product->ca];
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o}", "product", product->product,
	                 "names", list_json(product->name), "owner", ca->owner, "publish",
	                 ca->name[0], "since", day_json(product->since), "until",
	                 day_json(product->until), "source", source_json(product->source));
}

static int print_json(const choice_t *choice)
{
	json_t *cas = json_array(), *products = json_array();
	bool ok = true;
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		if (choice->ca[i] || choice->all) {
			ok = json_array_append_new(cas, ca_json(i)) == 0 && ok;
		}
	}
	for (size_t i = 0; i < caaudit_products_count; i++) {
		if (is_product(choice, &caaudit_products[i])) {
			ok = json_array_append_new(products, product_json(&caaudit_products[i])) ==
			             0 &&
			     ok;
		}
	}
	json_t *document = json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "caaudit", 1, "cas", cas,
	                             "products", products, "validations",
	                             choice->all ? forms_json(CAAUDIT_CA_ANY) : json_array(), "txt",
	                             choice->all ? txts_json() : json_array(), "addresses",
	                             choice->all ? addresses_json() : json_array());
	return print_document(document, ok);
}

/* --- Text ----------------------------------------------------------------------------------- */

#define PART_COLUMN 14

static void put_part(const style_t *style, const char *name, const line_t *line)
{
	if (line->len > 0) {
		printf("  %-*s", PART_COLUMN - 2, name);
		put_wrapped(stdout, style, PART_COLUMN, PART_COLUMN, line->text);
	}
}

static void put_form(const style_t *style, const caaudit_form_t *form)
{
	char day[16];
	line_t line = { .len = 0 };
	add(&line, "%s CNAME ", form->owners);
	add_targets(&line, form);
	add(&line, " (%s; asked at: %s%s", form->name, climb_name(form->climb),
	    form->renewal ? "; must stay" : "");
	if (form->method != NULL) {
		add(&line, "; method %s", form->method);
	}
	if (form->ended != 0) {
		add(&line, "; ended on %s", day_text(form->ended, day));
	}
	add(&line, ")");
	put_part(style, "Validation", &line);
}

static void put_forms(const style_t *style, size_t id)
{
	for (size_t i = 0; i < caaudit_forms_count; i++) {
		if (caaudit_forms[i].ca_id == id) {
			put_form(style, &caaudit_forms[i]);
		}
	}
}

static void put_txts(const style_t *style)
{
	for (size_t i = 0; i < caaudit_txts_count; i++) {
		const caaudit_txt_t *txt = &caaudit_txts[i];
		line_t line = { .len = 0 };
		add(&line, "%s TXT", txt->labels);
		if (txt->ca != CAAUDIT_CA_ANY || txt->method != NULL) {
			add(&line, " (%s%s%s%s)",
			    txt->ca != CAAUDIT_CA_ANY ? caaudit_cas[txt->ca].owner : "",
			    txt->ca != CAAUDIT_CA_ANY && txt->method != NULL ? "; " : "",
			    txt->method != NULL ? "method " : "",
			    txt->method != NULL ? txt->method : "");
		}
		put_part(style, "Validation", &line);
	}
}

static void put_addresses(const style_t *style)
{
	for (size_t i = 0; i < caaudit_addresses_count; i++) {
		const caaudit_address_t *address = &caaudit_addresses[i];
		char day[16];
		line_t line = { .len = 0 };
		add(&line, "%s (%s; %s, %s)", address->address, address->product,
		    address->source->text, day_text(address->source->day, day));
		put_part(style, "Address", &line);
	}
}

static void put_acme(const style_t *style, size_t id, bool staging)
{
	line_t line = { .len = 0 };
	for (size_t i = 0; i < caaudit_acmes_count; i++) {
		if (caaudit_acmes[i].ca == id && caaudit_acmes[i].staging == staging) {
			add(&line, "%s%s", line.len > 0 ? " " : "", caaudit_acmes[i].host);
		}
	}
	put_part(style, staging ? "Staging" : "Accounts", &line);
}

static void put_ca(const style_t *style, size_t id)
{
	const caaudit_ca_info_t *ca = &caaudit_cas[id];
	put_look(stdout, style, LOOK_HEADING, ca->owner);
	printf(" (%s)\n", ca->name[0]);

	line_t names = { .len = 0 }, deprecated = { .len = 0 }, persist = { .len = 0 };
	add_list(&names, ca->name, ca->deprecated);
	add_list(&deprecated, ca->deprecated, NULL);
	add_list(&persist, ca->persist, NULL);
	put_part(style, "Names", &names);
	put_part(style, "Deprecated", &deprecated);
	put_part(style, "Persistent", &persist);
	put_forms(style, id);
	put_acme(style, id, false);
	put_acme(style, id, true);

	line_t parameters = { .len = 0 }, source = { .len = 0 };
	for (size_t i = 0; i < caaudit_parameters_count; i++) {
		if (caaudit_parameters[i].ca == id || caaudit_parameters[i].ca == CAAUDIT_CA_ANY) {
			add(&parameters, "%s%s", parameters.len > 0 ? " " : "",
			    caaudit_parameters[i].tag);
		}
	}
	put_part(style, "Parameters", &parameters);
	char day[16];
	add(&source, "%s, %s (%s)", ca->source->text, day_text(ca->source->day, day),
	    certainty_name(ca->source->certainty));
	put_part(style, "Source", &source);
}

/*! Prints a period of a product; the heading before the first. */
static void put_product(const style_t *style, const caaudit_product_t *product, bool first)
{
	if (first) {
		line_t names = { .len = 0 };
		add_list(&names, product->name, NULL);
		put_look(stdout, style, LOOK_HEADING, product->product);
		printf(" (%s)\n", names.text);
	}
	char since[16], until[16];
	line_t line = { .len = 0 };
	add(&line, "%s, %s", caaudit_cas[product->ca].owner, caaudit_cas[product->ca].name[0]);
	if (product->since != 0) {
		add(&line, ", since %s", day_text(product->since, since));
	}
	if (product->until != 0) {
		add(&line, ", until %s", day_text(product->until, until));
	}
	add(&line, " (%s: %s)", certainty_name(product->source->certainty), product->source->text);
	put_part(style, "Issued by", &line);
}

/*! Prints one line a CA. */
static void put_overview(const style_t *style)
{
	size_t width = 0;
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		size_t len = strlen(caaudit_cas[i].name[0]);
		width = len > width ? len : width;
	}
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		const caaudit_ca_info_t *ca = &caaudit_cas[i];
		line_t line = { .len = 0 };
		add(&line, "%s", ca->owner);
		add(&line, "%s", ca->name[1] != NULL ? ":" : "");
		add_list(&line, ca->name + 1, ca->deprecated);
		if (ca->deprecated != NULL) {
			add(&line, "; deprecated:");
			add_list(&line, ca->deprecated, NULL);
		}
		unsigned column = width + 2;
		if (style->width == 0 || column + 20 <= style->width) {
			printf("%-*s  ", (int)width, ca->name[0]);
			put_wrapped(stdout, style, column, column, line.text);
		} else {
			printf("%s\n    ", ca->name[0]);
			put_wrapped(stdout, style, 4, 4, line.text);
		}
	}
}

int command_cas(const options_t *opts)
{
	choice_t choice = { .all = opts->operand.count == 0, .options = opts };
	bool ok = true;
	for (size_t i = 0; i < opts->operand.count; i++) {
		ok = choose(&choice, opts->operand.item[i]) && ok;
	}
	if (!ok) {
		return EXIT_UNCHECKED;
	}
	if (opts->format == FORMAT_JSON) {
		return print_json(&choice);
	}

	style_t style = terminal_style(stdout);
	bool first = true;
	if (choice.all) {
		put_overview(&style);
		first = false;
	}
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		if (choice.ca[i]) {
			fputs(first ? "" : "\n", stdout);
			put_ca(&style, i);
			first = false;
		}
	}
	for (size_t i = 0; i < caaudit_products_count; i++) {
		const caaudit_product_t *product = &caaudit_products[i];
		bool begins = i == 0 || strcmp(product[-1].product, product->product) != 0;
		if (is_product(&choice, product)) {
			fputs(first || !begins ? "" : "\n", stdout);
			put_product(&style, product, begins);
			first = false;
		}
	}
	if (choice.all) {
		fputc('\n', stdout);
		put_look(stdout, &style, LOOK_HEADING, "Validations for one of several CAs");
		fputc('\n', stdout);
		put_forms(&style, CAAUDIT_CA_ANY);
		put_txts(&style);
		put_addresses(&style);
	}
	return EXIT_CLEAN;
}
