/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The ABNF of issue values, production by production.
 *
 * RFC 8659 section 4.2 with errata 5934 and 7139. Each function takes the set
 * of positions where the production may begin and returns those where it may
 * end. That is slow, and has nothing in common with a parser that goes from
 * left to right.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Bit n: before octet n. Values have 63 octets at most. */
typedef uint64_t set_t;

typedef bool (*class_f)(uint8_t c);

static inline bool model_wsp(uint8_t c)
{
	return c == 0x20 || c == 0x09;
}

static inline bool model_alnum(uint8_t c)
{
	return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39);
}

static inline bool model_value_octet(uint8_t c)
{
	return (c >= 0x21 && c <= 0x3a) || (c >= 0x3c && c <= 0x7e);
}

static inline bool model_hyphen(uint8_t c)
{
	return c == 0x2d;
}

static inline bool model_dot(uint8_t c)
{
	return c == 0x2e;
}

static inline bool model_equals(uint8_t c)
{
	return c == 0x3d;
}

static inline bool model_semicolon(uint8_t c)
{
	return c == 0x3b;
}

/*! Character classes of the grammar. */
typedef enum { WSP, ALNUM, VALUE_OCTET, HYPHEN, DOT, EQUALS, SEMICOLON, CLASSES } class_t;

typedef struct {
	size_t len;
	set_t in[CLASSES]; /*!< Octets that are in each class. */
	set_t seen;        /*!< Every position that some derivation reaches. */
} model_t;

typedef set_t (*production_f)(model_t *m, set_t from);

static inline set_t one(model_t *m, set_t from, class_t class)
{
	set_t to = (from & m->in[class]) << 1;
	m->seen |= to;
	return to;
}

static inline set_t any(model_t *m, set_t from, class_t class)
{
	set_t to = from, last;
	do {
		last = to;
		to |= one(m, to, class);
	} while (to != last);
	return to;
}

static inline set_t repeated(model_t *m, set_t from, production_f production)
{
	set_t to = from, last;
	do {
		last = to;
		to |= production(m, to);
	} while (to != last);
	return to;
}

/* *("-") (ALPHA / DIGIT) */
static inline set_t label_rest(model_t *m, set_t from)
{
	return one(m, any(m, from, HYPHEN), ALNUM);
}

/* label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)); parameter-tag is the same. */
static inline set_t label(model_t *m, set_t from)
{
	return repeated(m, one(m, from, ALNUM), label_rest);
}

static inline set_t dot_label(model_t *m, set_t from)
{
	return label(m, one(m, from, DOT));
}

/* parameter-tag *WSP "=" *WSP parameter-value */
static inline set_t parameter(model_t *m, set_t from)
{
	set_t at = any(m, label(m, from), WSP);
	at = any(m, one(m, at, EQUALS), WSP);
	return any(m, at, VALUE_OCTET);
}

/* (parameter *WSP ";" *WSP parameters) / parameter */
static inline set_t parameters(model_t *m, set_t from)
{
	set_t at = parameter(m, from);
	if (at == 0) {
		return 0;
	}
	set_t next = any(m, one(m, any(m, at, WSP), SEMICOLON), WSP);
	return at | parameters(m, next);
}

/* *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]] */
static inline bool issue_value(model_t *m, const uint8_t *value, size_t len)
{
	static const class_f classes[CLASSES] = {
		model_wsp, model_alnum,  model_value_octet, model_hyphen,
		model_dot, model_equals, model_semicolon,
	};
	*m = (model_t){ .len = len, .seen = 1 };
	for (unsigned i = 0; i < CLASSES; i++) {
		for (size_t j = 0; j < len; j++) {
			m->in[i] |= (set_t)classes[i](value[j]) << j;
		}
	}
	set_t at = any(m, 1, WSP);
	at |= any(m, repeated(m, label(m, at), dot_label), WSP);
	set_t more = any(m, one(m, at, SEMICOLON), WSP);
	at |= more | any(m, parameters(m, more), WSP);
	return at >> m->len & 1;
}

static inline size_t furthest(const model_t *m)
{
	size_t pos = m->len;
	while (!(m->seen >> pos & 1)) {
		pos--;
	}
	return pos;
}
