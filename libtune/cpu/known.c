/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * THE TABLE of pairs of kernels between which guests are known to be lost, although the CPUs fit.  They only warn,
 * since a kernel's release does not tell all the fixes that a distribution has added.  Each row needs a source.
 */
#include <stdlib.h>
#include <string.h>

#include <libtune/cpu/compare.h>

typedef struct {
	guint major, minor, patch;
	guint abi; /* of Debian's "6.1.0-14-amd64", which does not tell the patch level; 0 when there is none */
} Release;

/**
 * A pair of kernels.
 *
 * @from_before: the source is older than this
 * @to_first, @to_before: the target is this or newer, and older than that
 * @fixed: stable kernels of that major and minor number are fixed from this patch level or Debian ABI on
 * @lacks, @has: only guests without the feature @lacks are affected, on targets that give @has
 */
typedef struct {
	const char *name;
	Release from_before;
	Release to_first, to_before;
	Release fixed;
	const char *lacks, *has;
	const char *way_out;
} Pair;

static const Pair pairs[] = {
	/*
	 * Old kernels hand out the state of the host's protection keys with that of a guest that has none; from Linux
	 * ad856280ddea (5.17) to 8647c52e9504 (6.6, 6.1.60, Debian's 6.1.64-1) KVM_SET_XSAVE refuses it, and the vCPU
	 * starts with no state at all: bloomberg/chef-bcpc pull request 2278.
	 */
	{ "pkru of a guest without pku", .from_before = { 5, 17, 0, 0 },
	  .to_first = { 5, 17, 0, 0 }, .to_before = { 6, 6, 0, 0 }, .fixed = { 6, 1, 60, 14 },
	  .lacks = "pku", .has = "pku",
	  .way_out =
		  "first update Linux there to 6.6, 6.1.60 (Debian: 6.1.0-14) or later, or restart the guest there" },
};

static gboolean parse_release(const char *text, Release *ret_release)
{
	guint *const parts[] = { &ret_release->major, &ret_release->minor, &ret_release->patch,
				 &ret_release->abi };
	static const char separators[] = "..-";

	*ret_release = (Release){ 0 };
	for (guint i = 0; text && g_ascii_isdigit(*text); i++) {
		char *end;
		*parts[i] = (guint)strtoul(text, &end, 10);
		if (i == G_N_ELEMENTS(parts) - 1 || *end != separators[i])
			return i > 0;
		text = end + 1;
	}
	return ret_release->major > 0;
}

static gboolean is_older(const Release *release, const Release *than)
{
	return release->major != than->major ? release->major < than->major
					     : release->minor < than->minor;
}

static gboolean is_fixed(const Release *release, const Release *fixed)
{
	if (release->major != fixed->major || release->minor != fixed->minor)
		return FALSE;
	return release->patch >= fixed->patch ||
	       (release->patch == 0 && release->abi >= fixed->abi);
}

static gboolean is_affected(const Pair *pair, const Release *from, const Release *to)
{
	return is_older(from, &pair->from_before) && !is_older(to, &pair->to_first) &&
	       is_older(to, &pair->to_before) && !is_fixed(to, &pair->fixed);
}

static gboolean lacks_feature(const TuneCpu *guest, const char *name)
{
	return tune_cpu_knows(guest, tune_cpu_bit_find_name(name)->word) &&
	       !tune_cpu_has_feature(guest, name);
}

void tune_cpu_compare_known(const TuneCpu *guest, const TuneCpu *target, TuneCpuFindings *findings)
{
	const char *have = guest->texts[TUNE_CPU_KERNEL], *want = target->texts[TUNE_CPU_KERNEL];
	Release from, to;

	if (g_strcmp0(have, want) == 0 || !parse_release(have, &from) || !parse_release(want, &to))
		return;
	for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
		if (is_affected(&pairs[i], &from, &to) && lacks_feature(guest, pairs[i].lacks) &&
		    tune_cpu_has_feature(target, pairs[i].has))
			tune_findings_add_with(findings, TUNE_CPU_BUG, pairs[i].way_out,
					       "%s (Linux %s->%s)", pairs[i].name, have, want);
}
