/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of tunables, and functions to find a row in it. */
#ifndef TUNE_PARAMS_H
#define TUNE_PARAMS_H

#include <libtune/host/identity.h>
#include <libtune/tuning/backend.h>
#include <libtune/tuning/codec.h>
#include <libtune/tune-tuning.h>

/**
 * A part of the table: parameters with the same base path and the same backend.
 *
 * @name: for the journal, and in front of the key in names ("ksm.run")
 * @base: path below the root in front of the key; "{}" stands for an object.  Values that are no files have such a path,
 *   too ("ethtool/{}/"), by which their backend finds them
 * @bare: the key is the whole name ("vm.swappiness")
 * @objects: the kind of object that "{}" stands for
 * @dots: the key may be written with dots for slashes, as sysctl(8) does
 */
typedef struct TuneSection {
	const char *name;
	const char *base;
	gboolean bare;
	gboolean dots;
	const TuneBackend *backend;
	TuneObjectKind objects;
} TuneSection;

extern const TuneSection tune_section_attributes;
extern const TuneSection tune_section_disks;
extern const TuneSection tune_section_ethtool;
extern const TuneSection tune_section_drbd;
extern const TuneSection tune_section_ksm;
extern const TuneSection tune_section_links;
extern const TuneSection tune_section_sysctl;
extern const TuneSection tune_section_thp;

const TuneSection *tune_section_find(const char *name);

/** tune_param_find: the row of @section for @key, or the one with a "*" that matches it, or NULL. */
const TuneParam *tune_param_find(const TuneSection *section, const char *key);

/** tune_param_find_nearest: the row of @section whose key is nearest to @key, if a typing error can be meant; or NULL. */
const TuneParam *tune_param_find_nearest(const TuneSection *section, const char *key);

gboolean tune_param_is_wildcard(const TuneParam *param);

/** Whether @param is the MTU of an interface, which depends on those of the interfaces above and below it. */
gboolean tune_param_is_mtu(const TuneParam *param);

/** tune_section_format_name: the full name of @key, with the name of its section; free it. */
char *tune_section_format_name(const TuneSection *section, const char *key);

/**
 * tune_param_get_after: the row whose write resets @param; FALSE when there is none.
 *
 * @ret_key: its key, or a pattern; free it
 * @ret_value: the value of that row with which this one exists, or NULL: with any
 */
gboolean tune_param_get_after(const TuneParam *param, char **ret_key, const char **ret_value);

/** tune_section_format_path: the path of @key; free it.  @object: NULL where the section has no objects */
char *tune_section_format_path(const TuneSection *section, const char *key, const char *object);

#endif
