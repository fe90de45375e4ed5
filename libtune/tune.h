/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * libtune: compare a Ganeti node with its policy, tune it, check it, put it back.
 *
 * The flow is one line: a TunePolicy is loaded, a TunePlan compares it with the host below a TuneRoot,
 * the plan is printed or applied, and every step ends in a TuneVerdict.  Only tune_plan_apply() writes.
 *
 * Conventions
 *  - The library never prints and never logs; whoever calls it speaks.
 *  - A function that can fail takes `GError **error` last and returns FALSE or NULL; its out-parameters
 *    are then untouched.  Errors are of TUNE_ERROR; their messages name the file or value they are about.
 *  - What `_new`, `_load` and `_open` return belongs to the caller, who gives it to the matching `_free`;
 *    `_free` takes NULL.  Pointers to const are borrowed from the object they were asked of.
 *  - Names and values are the kernel's own: an admin can paste them from sysfs and its documentation.
 *  - An object may be used by one thread at a time.
 *
 * Each of the headers below stands for itself, too, and needs only those above it.
 */
#ifndef TUNE_H
#define TUNE_H

#include <libtune/tune-base.h>
#include <libtune/tune-ganeti.h>
#include <libtune/tune-host.h>
#include <libtune/tune-cpu.h>
#include <libtune/tune-tuning.h>
#include <libtune/tune-origins.h>
#include <libtune/tune-migration.h>
#include <libtune/tune-cluster.h>

#endif
