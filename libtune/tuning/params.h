/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of tunables, and how to find one in it.  Does nothing itself. */
#ifndef TUNE_PARAMS_H
#define TUNE_PARAMS_H

#include <libtune/host/identity.h>
#include <libtune/tuning/backend.h>
#include <libtune/tuning/codec.h>
#include <libtune/tune-tuning.h>

/**
 * A part of the table: parameters that stand in one place and are reached in one way.
 *
 * @name: for records, and in front of the key in the names people see ("ksm.run")
 * @base: path below the root to which the key is added; "{}" stands for an object.  What is no file has
 *   a path all the same ("ethtool/{}/"), by which its backend knows it
 * @bare: the key is the whole name ("vm.swappiness")
 * @objects: what "{}" stands for
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

/** The row of @section that is @key, or the one that stands for it ("*"), or NULL. */
const TuneParam *tune_param_find(const TuneSection *section, const char *key);

/** The row of @section whose name is nearest to @key, if near enough for a slip of the finger; or NULL. */
const TuneParam *tune_param_find_nearest(const TuneSection *section, const char *key);

gboolean tune_param_is_wildcard(const TuneParam *param);

/** Whether it is the MTU of an interface, which its neighbours in a stack have to bear. */
gboolean tune_param_is_mtu(const TuneParam *param);

/** The name people see when @key stands for the "*" of a row. */
char *tune_section_format_name(const TuneSection *section, const char *key);

/**
 * What @param is reset by: the key of the other row, and the value of that row which brings this one
 * into being, or NULL.  The key may be a pattern.  Free @ret_key; FALSE when nothing resets it.
 */
gboolean tune_param_get_after(const TuneParam *param, char **ret_key, const char **ret_value);

/** The path of @key; @object may be NULL where the section has none. */
char *tune_section_format_path(const TuneSection *section, const char *key, const char *object);

#endif
