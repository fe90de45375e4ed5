/* SPDX-License-Identifier: BSD-2-Clause */
/* What KSM is worth, by its counters. */
#include <unistd.h>

#include <libtune/base/root.h>
#include <libtune/tune-host.h>

#define KSM "sys/kernel/mm/ksm/"
/* struct ksm_rmap_item on 64-bit Linux, by the formula of ksm.rst. */
#define BYTES_PER_TRACKED_PAGE 64

static gboolean read_into(TuneRoot *root, const char *name, gint64 *number, GError **error)
{
	g_autofree char *path = g_strconcat(KSM, name, NULL);

	return tune_root_read_number(root, path, number, error);
}

gboolean tune_ksm_read(TuneRoot *root, TuneKsm *ret_ksm, GError **error)
{
	TuneKsm ksm = { 0 };
	gint64 page_size = sysconf(_SC_PAGESIZE);

	if (!read_into(root, "run", &ksm.run, error) ||
	    !read_into(root, "pages_shared", &ksm.shared, error) ||
	    !read_into(root, "pages_sharing", &ksm.sharing, error) ||
	    !read_into(root, "pages_unshared", &ksm.unshared, error) ||
	    !read_into(root, "pages_volatile", &ksm.volatiles, error) ||
	    !read_into(root, "full_scans", &ksm.full_scans, error))
		return FALSE;
	/* Since Linux 6.5; before, what went to the zero page is counted nowhere. */
	read_into(root, "ksm_zero_pages", &ksm.zero, NULL);
	gint64 tracked = ksm.sharing + ksm.shared + ksm.unshared + ksm.volatiles;
	ksm.saved = (ksm.sharing + ksm.zero) * page_size;
	ksm.profit = ksm.saved - tracked * BYTES_PER_TRACKED_PAGE;
	*ret_ksm = ksm;
	return TRUE;
}

const char *tune_ksm_rate(const TuneKsm *ksm)
{
	gint64 merged = ksm->sharing + ksm->zero;

	if (ksm->run != 1 && merged == 0)
		return "off";
	if (merged == 0)
		return ksm->full_scans ? "nothing merged: scanning costs and saves nothing"
				       : "no full scan yet: too early to say";
	if (ksm->profit < 0)
		return "costs more memory than it saves";
	if (ksm->unshared > 2 * merged)
		return "most of the scanning is wasted";
	if (ksm->unshared > merged)
		return "much of the scanning is wasted";
	return "worth it";
}
