/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Makes the rows of cas.def into constant tables. */

#include "caaudit/cas.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(...)    ((const char *const[]){ __VA_ARGS__, NULL })

enum {
#define CAAUDIT_SOURCE(symbol, certainty, day, text) SOURCE_##symbol,
#include "caaudit/cas.def"
};
#define SOURCE(symbol) (&caaudit_sources[SOURCE_##symbol])

const caaudit_source_t caaudit_sources[] = {
#define CAAUDIT_SOURCE(symbol, certainty, day, text) { text, day, CAAUDIT_##certainty },
#include "caaudit/cas.def"
};
const size_t caaudit_sources_count = COUNT(caaudit_sources);

/* The name to publish, as a constant for the other tables. */
#define CAAUDIT_CA(symbol, owner, source, name, ...) static const char publish_##symbol[] = name;
#include "caaudit/cas.def"
#define publish_ANY NULL

/* Each member by itself: the rows about one CA are in several places. */
const caaudit_ca_info_t caaudit_cas[] = {
#define CAAUDIT_CA(symbol, owner_, source_, publish, ...)                                          \
	[CAAUDIT_CA_##symbol].owner = owner_, [CAAUDIT_CA_##symbol].source = SOURCE(source_),      \
	[CAAUDIT_CA_##symbol].name = LIST(publish_##symbol, ##__VA_ARGS__),
#define CAAUDIT_CA_DEPRECATED(symbol, ...) [CAAUDIT_CA_##symbol].deprecated = LIST(__VA_ARGS__),
#define CAAUDIT_CA_PERSIST(symbol, ...)    [CAAUDIT_CA_##symbol].persist = LIST(__VA_ARGS__),
#define CAAUDIT_CA_PAIR(symbol, source)    [CAAUDIT_CA_##symbol].pair = SOURCE(source),
#include "caaudit/cas.def"
};

const caaudit_form_t caaudit_forms[] = {
#define CAAUDIT_FORM(ca_, product, owners_, targets_, suffix_, climb_, renewal_, method_, ended_,  \
                     by_owner_, source_)                                                           \
	{ .name = (product),                                                                       \
	  .ca = publish_##ca_,                                                                     \
	  .owners = (owners_),                                                                     \
	  .targets = (targets_),                                                                   \
	  .suffix = (suffix_),                                                                     \
	  .suffix_len = sizeof(suffix_) - 1,                                                       \
	  .method = (method_),                                                                     \
	  .ended = (ended_),                                                                       \
	  .source = SOURCE(source_),                                                               \
	  .ca_id = CAAUDIT_CA_##ca_,                                                               \
	  .climb = CAAUDIT_##climb_,                                                               \
	  .renewal = (renewal_),                                                                   \
	  .by_owner = (by_owner_) },
#include "caaudit/cas.def"
};
const size_t caaudit_forms_count = COUNT(caaudit_forms);

const caaudit_txt_t caaudit_txts[] = {
#define CAAUDIT_TXT(ca, labels, method, source) { CAAUDIT_CA_##ca, labels, method, SOURCE(source) },
#include "caaudit/cas.def"
};
const size_t caaudit_txts_count = COUNT(caaudit_txts);

const caaudit_address_t caaudit_addresses[] = {
#define CAAUDIT_ADDRESS(product, address, source) { product, address, SOURCE(source) },
#include "caaudit/cas.def"
};
const size_t caaudit_addresses_count = COUNT(caaudit_addresses);

enum { LIVE, STAGING };

const caaudit_acme_t caaudit_acmes[] = {
#define CAAUDIT_ACME(ca, host, kind, accounts, source)                                             \
	{ CAAUDIT_CA_##ca, host, kind, SOURCE(source), accounts },
#include "caaudit/cas.def"
};
const size_t caaudit_acmes_count = COUNT(caaudit_acmes);

const caaudit_parameter_t caaudit_parameters[] = {
#define CAAUDIT_PARAMETER(ca, tag, source) { CAAUDIT_CA_##ca, tag, SOURCE(source) },
#include "caaudit/cas.def"
};
const size_t caaudit_parameters_count = COUNT(caaudit_parameters);

const caaudit_product_t caaudit_products[] = {
#define CAAUDIT_PRODUCT(product, ca, since, until, source, ...)                                    \
	{ product, LIST(__VA_ARGS__), CAAUDIT_CA_##ca, since, until, SOURCE(source) },
#include "caaudit/cas.def"
};
const size_t caaudit_products_count = COUNT(caaudit_products);

const caaudit_method_t caaudit_methods[] = {
#define CAAUDIT_METHOD(label, also, kind, until, source)                                           \
	{ label, also, until, SOURCE(source), CAAUDIT_METHOD_##kind },
#include "caaudit/cas.def"
};
const size_t caaudit_methods_count = COUNT(caaudit_methods);

const caaudit_limit_t caaudit_limits[] = {
#define CAAUDIT_LIMIT(since, life, reuse, source) { since, life, reuse, SOURCE(source) },
#include "caaudit/cas.def"
};
const size_t caaudit_limits_count = COUNT(caaudit_limits);
