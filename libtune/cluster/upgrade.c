/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In which order the nodes of a cluster can be upgraded: a pure function of records and guests.
 *
 * One node at a time is emptied, upgraded and filled again, so the two sides of a DRBD pair are never upgraded at once.
 * No best order is searched for: the next node is the one that costs least now, and each step says what it costs.
 */
#include <string.h>

#include <libtune/cluster/upgrade.h>
#include <libtune/cpu/cpu.h>
#include <libtune/ganeti/lists.h>

/* As many guests of a step are named. */
#define N_NAMED 3

/** @now, @then: numbers of records; @is_upgraded: in the course of the plan */
typedef struct {
	const TuneNode *node;
	gint now;
	gint then;
	gboolean is_upgraded;
	gboolean is_planned;
	GArray *guests; /* numbers of those that are there */
} Place;

/** @sees: number of an image; @place: where it is; @targets: numbers of the places that Ganeti would migrate it to */
typedef struct {
	const TuneUpgradeGuest *guest;
	gint sees;
	guint place;
	GArray *targets;
	gboolean is_forward; /* in some step */
} Mover;

typedef struct {
	TuneImages *images;
	Place *places;
	guint n_places;
	Mover *movers;
	guint n_movers;
} Plan;

/** @target: the place to which it goes, where it can */
typedef struct {
	TuneUpgradeWay way;
	guint target;
} Choice;

/* ---- one guest ---- */

static gint get_record(const Place *place)
{
	return place->is_upgraded ? place->then : place->now;
}

/* Whether the gate would let the guest go from where it is to @target, as the nodes are now. */
static TuneCpuVerdict judge_move(const Plan *plan, const Mover *mover, guint target)
{
	return tune_images_judge(plan->images, mover->sees, get_record(&plan->places[target]));
}

/* Whether it could come back from @target to its node, were that not upgraded. */
static gboolean can_return(const Plan *plan, const Mover *mover, guint target)
{
	gint sees = tune_images_move(plan->images, mover->sees, get_record(&plan->places[target]));

	return tune_images_judge(plan->images, sees, get_record(&plan->places[mover->place])) <=
	       TUNE_CPU_WARN;
}

static Choice choose(const Plan *plan, const Mover *mover)
{
	gboolean is_unknown = mover->sees == TUNE_NO_IMAGE && mover->targets->len > 1;
	Choice choice = { is_unknown ? TUNE_UPGRADE_UNKNOWN : TUNE_UPGRADE_STUCK, 0 };

	for (guint i = 0; i < mover->targets->len; i++) {
		guint target = g_array_index(mover->targets, guint, i);
		TuneCpuVerdict verdict = target == mover->place ? TUNE_CPU_REFUSE
								: judge_move(plan, mover, target);
		if (verdict <= TUNE_CPU_WARN && can_return(plan, mover, target))
			return (Choice){ TUNE_UPGRADE_BOTH, target };
		if (verdict <= TUNE_CPU_WARN && choice.way != TUNE_UPGRADE_FORWARD)
			choice = (Choice){ TUNE_UPGRADE_FORWARD, target };
		else if (verdict == TUNE_CPU_VERDICT_UNKNOWN && choice.way == TUNE_UPGRADE_STUCK)
			choice.way = TUNE_UPGRADE_UNKNOWN;
	}
	return choice;
}

/* Its own node is the first of its targets. */
static char *explain(const Plan *plan, const Mover *mover)
{
	if (mover->targets->len < 2)
		return g_strdup(tune_cluster_can_migrate(mover->guest->instance)
					? "no other node that is online, not drained and vm_capable"
					: "its disks are on one node");
	if (mover->guest->fault)
		return g_strdup(mover->guest->fault);
	guint i = g_array_index(mover->targets, guint, 0) == mover->place;
	guint target = g_array_index(mover->targets, guint, i);
	g_autofree char *reasons = tune_images_explain(plan->images, mover->sees,
						       get_record(&plan->places[target]));
	return g_strdup_printf("%s: %s", plan->places[target].node->name, reasons);
}

/* ---- one node ---- */

static void count_ways(const Plan *plan, const Place *place, guint *ret_ways)
{
	memset(ret_ways, 0, sizeof(*ret_ways) * TUNE_UPGRADE_N_WAYS);
	for (guint i = 0; i < place->guests->len; i++) {
		const Mover *mover = &plan->movers[g_array_index(place->guests, guint, i)];
		ret_ways[choose(plan, mover).way]++;
	}
}

static guint count_trouble(const guint *ways)
{
	return ways[TUNE_UPGRADE_FORWARD] + ways[TUNE_UPGRADE_STUCK] + ways[TUNE_UPGRADE_UNKNOWN];
}

static gboolean is_better(const guint *ways, const guint *best)
{
	if (count_trouble(ways) != count_trouble(best))
		return count_trouble(ways) < count_trouble(best);
	return ways[TUNE_UPGRADE_BOTH] > best[TUNE_UPGRADE_BOTH];
}

/* FALSE when none is left.  The master moves last, since it is where the others are upgraded from. */
static gboolean find_next(const Plan *plan, const char *canary, guint *ret_place)
{
	guint ways[TUNE_UPGRADE_N_WAYS], best[TUNE_UPGRADE_N_WAYS];
	gboolean is_found = FALSE, is_master = FALSE;

	for (guint i = 0; i < plan->n_places; i++) {
		const Place *place = &plan->places[i];
		if (place->is_planned)
			continue;
		count_ways(plan, place, ways);
		gboolean is_canary = g_strcmp0(canary, place->node->name) == 0;
		if (is_found && !is_canary &&
		    (place->node->is_master || (!is_master && !is_better(ways, best))))
			continue;
		*ret_place = i;
		is_found = TRUE;
		is_master = place->node->is_master;
		memcpy(best, ways, sizeof(best));
		if (is_canary)
			break;
	}
	return is_found;
}

static void append_guest(GString *text, const Plan *plan, const Mover *mover, TuneUpgradeWay way)
{
	static const char *const words[] = {
		[TUNE_UPGRADE_FORWARD] = "cannot come back",
		[TUNE_UPGRADE_STUCK] = "cannot go",
		[TUNE_UPGRADE_UNKNOWN] = "is not known",
	};
	g_autofree char *why = way == TUNE_UPGRADE_FORWARD ? NULL : explain(plan, mover);

	g_string_append_printf(text, "%s%s %s%s%s", text->len ? "; " : "",
			       mover->guest->instance->name, words[way], why ? ": " : "",
			       why ? why : "");
}

/* Of those that cannot go both ways; NULL where there is none. */
static char *name_trouble(Plan *plan, const Place *place)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < place->guests->len; i++) {
		Mover *mover = &plan->movers[g_array_index(place->guests, guint, i)];
		TuneUpgradeWay way = choose(plan, mover).way;
		mover->is_forward |= way == TUNE_UPGRADE_FORWARD;
		if (way != TUNE_UPGRADE_BOTH && n++ < N_NAMED)
			append_guest(text, plan, mover, way);
	}
	if (n > N_NAMED)
		g_string_append_printf(text, "; and %u more", n - N_NAMED);
	return n ? g_strdup(text->str) : NULL;
}

/* ---- what a step changes ---- */

static void put(Plan *plan, guint number, guint place)
{
	plan->movers[number].place = place;
	g_array_append_val(plan->places[place].guests, number);
}

/* Out, and back when the gate lets it; one that cannot go is stopped, and started anew on the upgraded node. */
static void carry_out(Plan *plan, guint at)
{
	Place *place = &plan->places[at];
	g_autoptr(GArray) guests = g_steal_pointer(&place->guests);
	g_autofree Choice *choices = g_new(Choice, guests->len);

	for (guint i = 0; i < guests->len; i++)
		choices[i] = choose(plan, &plan->movers[g_array_index(guests, guint, i)]);
	place->guests = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < guests->len; i++) {
		guint number = g_array_index(guests, guint, i);
		Mover *mover = &plan->movers[number];
		gboolean goes = choices[i].way <= TUNE_UPGRADE_FORWARD;
		if (goes)
			mover->sees = tune_images_move(
				plan->images, mover->sees,
				get_record(&plan->places[choices[i].target]));
		gboolean returns = !goes || tune_images_judge(plan->images, mover->sees,
							      place->then) <= TUNE_CPU_WARN;
		if (returns)
			mover->sees = tune_images_move(plan->images, mover->sees, place->then);
		put(plan, number, returns ? at : choices[i].target);
	}
	place->is_upgraded = TRUE;
}

/* ---- the plan ---- */

static Place *make_places(TuneImages *images, const TuneUpgradeState *state)
{
	Place *places = g_new0(Place, state->n_nodes);

	for (guint i = 0; i < state->n_nodes; i++) {
		const TuneUpgradeNode *node = &state->nodes[i];
		places[i] = (Place){ .node = node->node,
				     .now = tune_images_add_record(images, node->now),
				     .then = tune_images_add_record(images, node->then),
				     .guests = g_array_new(FALSE, FALSE, sizeof(guint)) };
	}
	return places;
}

static gboolean find_place(const Plan *plan, const char *node, guint *ret_place)
{
	for (guint i = 0; i < plan->n_places; i++) {
		if (strcmp(plan->places[i].node->name, node) != 0)
			continue;
		*ret_place = i;
		return TRUE;
	}
	return FALSE;
}

/* Its own node first: from another one, Ganeti may bring it back there. */
static GArray *list_targets(const Plan *plan, const TuneInstance *instance, guint source)
{
	GArray *targets = g_array_new(FALSE, FALSE, sizeof(guint));

	g_array_append_val(targets, source);
	for (guint i = 0; i < plan->n_places; i++)
		if (tune_cluster_is_target(instance, plan->places[source].node,
					   plan->places[i].node))
			g_array_append_val(targets, i);
	return targets;
}

static void add_movers(Plan *plan, const TuneUpgradeState *state)
{
	plan->movers = g_new0(Mover, state->n_guests);
	for (guint i = 0; i < state->n_guests; i++) {
		const TuneUpgradeGuest *guest = &state->guests[i];
		guint source;
		if (!find_place(plan, guest->instance->primary, &source))
			continue;
		guint number = plan->n_movers++;
		plan->movers[number] = (Mover){
			.guest = guest,
			.sees = tune_images_add_guest(plan->images, guest->sees,
						      guest->instance->tags, guest->is_free),
			.targets = list_targets(plan, guest->instance, source)
		};
		put(plan, number, source);
	}
}

/* Nodes that need no step, or of which nobody knows what they will be. */
static void add_others(Plan *plan, GPtrArray *rows)
{
	for (guint i = 0; i < plan->n_places; i++) {
		Place *place = &plan->places[i];
		const TuneNode *node = place->node;
		place->is_planned = TRUE;
		if (node->is_offline)
			tune_upgrade_add(rows, TUNE_UPGRADE_BLOCKED, node->name,
					 g_strdup("is offline: nothing is known of it"));
		else if (!node->is_vm_capable)
			continue;
		else if (place->now == TUNE_NO_IMAGE)
			tune_upgrade_add(rows, TUNE_UPGRADE_BLOCKED, node->name,
					 g_strdup("has no record: gnt-tune cpu publish"));
		else if (place->then == TUNE_NO_IMAGE)
			tune_upgrade_add(
				rows, TUNE_UPGRADE_BLOCKED, node->name,
				g_strdup(
					"is of another model, so what it will give is not known: upgrade one of its kind, then --like that"));
		else if (place->then == place->now)
			tune_upgrade_add(rows, TUNE_UPGRADE_DONE, node->name, NULL);
		else
			place->is_planned = FALSE;
	}
}

static void add_steps(Plan *plan, const char *canary, GPtrArray *rows)
{
	guint at = 0;

	while (find_next(plan, canary, &at)) {
		Place *place = &plan->places[at];
		char *trouble = name_trouble(plan, place);
		TuneUpgradeRow *row = tune_upgrade_add(rows, TUNE_UPGRADE_STEP, place->node->name,
						       trouble);
		count_ways(plan, place, row->ways);
		carry_out(plan, at);
		place->is_planned = TRUE;
	}
}

static void add_restarts(const Plan *plan, GPtrArray *rows)
{
	for (guint i = 0; i < plan->n_movers; i++)
		if (plan->movers[i].is_forward)
			tune_upgrade_add(rows, TUNE_UPGRADE_RESTART,
					 plan->movers[i].guest->instance->name,
					 g_strdup_printf("gnt-instance reboot %s",
							 plan->movers[i].guest->instance->name));
}

static void clear_plan(Plan *plan)
{
	for (guint i = 0; i < plan->n_places; i++)
		g_array_unref(plan->places[i].guests);
	for (guint i = 0; i < plan->n_movers; i++)
		g_array_unref(plan->movers[i].targets);
	g_free(plan->places);
	g_free(plan->movers);
}

GPtrArray *tune_upgrade_plan(const TuneUpgradeState *state)
{
	g_autoptr(TuneImages) images = tune_images_new(state->policy);
	g_autoptr(GPtrArray) steps = tune_upgrade_rows_new();
	g_autoptr(GPtrArray) lift = tune_upgrade_rows_new();
	GPtrArray *rows = tune_upgrade_rows_new();
	Plan plan = { images, make_places(images, state), state->n_nodes, NULL, 0 };

	add_movers(&plan, state);
	add_others(&plan, steps);
	add_steps(&plan, state->canary, steps);
	gboolean has_steps = FALSE;
	for (guint i = 0; i < steps->len; i++)
		has_steps |= ((const TuneUpgradeRow *)steps->pdata[i])->kind == TUNE_UPGRADE_STEP;
	if (has_steps)
		tune_upgrade_add_freeze(rows, lift, state);
	add_restarts(&plan, rows);
	clear_plan(&plan);
	g_ptr_array_extend_and_steal(rows, g_steal_pointer(&steps));
	g_ptr_array_extend_and_steal(rows, g_steal_pointer(&lift));
	return rows;
}

TuneCpu *tune_upgrade_foretell(const TuneCpu *now, const TuneCpu *like)
{
	if (!now || !like || !(now->fields & like->fields & TUNE_CPU_HAS_SIGNATURE) ||
	    strcmp(now->vendor, like->vendor) != 0 || now->family != like->family ||
	    now->model != like->model || now->stepping != like->stepping)
		return NULL;
	TuneCpu *then = tune_cpu_copy(like);
	tune_cpu_set_node(then, tune_cpu_get_node(now));
	/* The clock is that of the machine, and no upgrade changes it. */
	then->tsc_khz = now->tsc_khz;
	then->fields = (then->fields & ~(guint)TUNE_CPU_HAS_TSC_KHZ) |
		       (now->fields & TUNE_CPU_HAS_TSC_KHZ);
	return then;
}
