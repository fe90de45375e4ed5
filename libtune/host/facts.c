/* SPDX-License-Identifier: BSD-2-Clause */
#include <libtune/host/facts.h>
#include <libtune/host/links.h>

struct TuneFacts {
	TuneRoot *root;
	GPtrArray *links;
	TuneDrbd *drbd;
};

TuneFacts *tune_facts_new(TuneRoot *root)
{
	TuneFacts *facts = g_new0(TuneFacts, 1);

	facts->root = root;
	return facts;
}

void tune_facts_free(TuneFacts *facts)
{
	if (!facts)
		return;
	g_clear_pointer(&facts->links, g_ptr_array_unref);
	tune_drbd_free(facts->drbd);
	g_free(facts);
}

TuneRoot *tune_facts_get_root(const TuneFacts *facts)
{
	return facts->root;
}

const GPtrArray *tune_facts_get_links(TuneFacts *facts, GError **error)
{
	if (!facts->links)
		facts->links = tune_links_find(facts->root, error);
	return facts->links;
}

TuneDrbd *tune_facts_get_drbd(TuneFacts *facts, GError **error)
{
	if (!facts->drbd)
		facts->drbd = tune_drbd_look(facts->root, error);
	return facts->drbd;
}

const TuneDrbdDevice *tune_facts_get_minor(TuneFacts *facts, const char *name, GError **error)
{
	TuneDrbd *drbd = tune_facts_get_drbd(facts, error);

	return drbd ? tune_drbd_find(facts->root, drbd, name, error) : NULL;
}
