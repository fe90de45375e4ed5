/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libtune/tuning/echo.h>
#include <libtune/base/error.h>
#include <libtune/ganeti/node.h>
#include <libtune/tuning/guard.h>
#include <libtune/host/links.h>
#include <libtune/base/root.h>

/* Enough for ARP or neighbour discovery, and a few lost packets. */
#define REACH_MS 1500
/* So much of the deadline is left for putting back; and so long its end is waited for. */
#define RESERVE_MS 500
#define RESTORE_MS 5000
#define DISARM 'D'
#define READY 'R'

/** One network that the change touches: the peers in it, and the interface that has our own address there. */
typedef struct {
	char *link;
	GPtrArray *echoes;
} GuardedNetwork;

/** @old: the value of @path before the change; @depth: of its interface */
typedef struct {
	const TuneBackend *backend;
	char *path;
	char *old;
	guint depth;
} Value;

/**
 * @fd: connected to the guard process, @pid
 * @networks: array of GuardedNetwork
 * @is_lowered: at least one value becomes smaller
 * @is_disarmed: the new values are kept
 * @deadline: when the guard process puts the old values back
 */
struct TuneGuard {
	TuneRoot *root;
	TuneFacts *facts;
	int fd;
	pid_t pid;
	GPtrArray *values;
	GPtrArray *networks;
	GString *silent;
	gboolean is_lowered;
	gboolean is_disarmed;
	gint64 deadline;
};

static void network_free(gpointer data)
{
	GuardedNetwork *network = data;

	g_ptr_array_unref(network->echoes);
	g_free(network->link);
	g_free(network);
}

static void value_free(gpointer data)
{
	Value *value = data;

	g_free(value->path);
	g_free(value->old);
	g_free(value);
}

/* ---- the guard process ---- */

/* Lower interfaces first, and only values that differ: a bridge whose MTU was never set follows its ports. */
static void put_back(const TuneGuard *guard)
{
	for (guint i = 0; i < guard->values->len; i++) {
		const Value *value = guard->values->pdata[i];
		g_autofree char *shown = value->backend->read(guard->facts, value->path, NULL);
		if (g_strcmp0(shown, value->old) != 0)
			value->backend->write(guard->facts, value->path, value->old, NULL);
	}
}

/* Close inherited output, so that callers do not wait for its end, and ignore all signals that can be ignored. */
static void detach(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGALRM };
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	prctl(PR_SET_NAME, "gnt-tune-guard");
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		signal(signals[i], SIG_IGN);
	for (int fd = 0; nowhere >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(nowhere, fd);
}

/* FALSE after the deadline, when the other end is closed, and on any byte but DISARM. */
static gboolean is_disarmed(int fd, gint64 deadline)
{
	struct pollfd word = { fd, POLLIN, 0 };
	char what = 0;
	int n;

	do {
		gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
		n = poll(&word, 1, (int)MAX(left_ms, 0));
	} while (n < 0 && errno == EINTR);
	return n > 0 && recv(fd, &what, 1, 0) == 1 && what == DISARM;
}

static void guard_main(const TuneGuard *guard, int fd) G_GNUC_NORETURN;

static void guard_main(const TuneGuard *guard, int fd)
{
	detach();
	if (send(fd, &(char){ READY }, 1, MSG_NOSIGNAL) != 1)
		_exit(EXIT_FAILURE);
	if (is_disarmed(fd, guard->deadline))
		send(fd, &(char){ DISARM }, 1, MSG_NOSIGNAL);
	else
		put_back(guard);
	_exit(EXIT_SUCCESS);
}

static gboolean start_process(TuneGuard *guard, GError **error)
{
	int pair[2];
	char word = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return tune_fail_errno(error, "socketpair");
	guard->pid = fork();
	if (guard->pid == 0) {
		close(pair[0]);
		guard_main(guard, pair[1]);
	}
	close(pair[1]);
	guard->fd = pair[0];
	if (guard->pid < 0)
		return tune_fail_errno(error, "fork");
	if (recv(guard->fd, &word, 1, 0) != 1 || word != READY)
		return tune_fail(error, TUNE_ERROR_IO, "the guard of the MTU did not start");
	return TRUE;
}

/* ---- the peers ---- */

static gint compare_depths(gconstpointer a, gconstpointer b)
{
	const Value *first = *(const Value *const *)a, *second = *(const Value *const *)b;

	return (gint)first->depth - (gint)second->depth;
}

static void save_values(TuneGuard *guard, const GPtrArray *steps)
{
	for (guint i = 0; i < steps->len; i++) {
		const Step *step = steps->pdata[i];
		Value *value = g_new(Value, 1);
		*value = (Value){ step->public.param->section->backend, g_strdup(step->public.path),
				  g_strdup(step->public.have), step->depth };
		g_ptr_array_add(guard->values, value);
		if (atoi(step->public.want) < atoi(step->public.have))
			guard->is_lowered = TRUE;
	}
	g_ptr_array_sort(guard->values, compare_depths);
}

static gboolean is_touched(const GPtrArray *links, const GPtrArray *steps, guint class)
{
	for (guint i = 0; i < steps->len; i++) {
		const Step *step = steps->pdata[i];
		const TuneLink *link = tune_links_get(links, step->public.object);
		if (link && link->classes & class)
			return TRUE;
	}
	return FALSE;
}

/* While a node joins, its hook has its own address, but there is no list of peers yet. */
static gboolean add_network(TuneGuard *guard, const TuneLink *owner, TuneNetwork kind,
			    GError **error)
{
	g_autoptr(GPtrArray) peers = tune_ganeti_list_peers(guard->root, kind);

	if (!peers)
		return tune_fail(
			error, TUNE_ERROR_TIMEOUT,
			"no list of its nodes from the cluster yet, so nothing could be verified: try again once it is there");
	GuardedNetwork *network = g_new(GuardedNetwork, 1);
	*network = (GuardedNetwork){ g_strdup(owner->name),
				     g_ptr_array_new_with_free_func(tune_echo_free) };
	g_ptr_array_add(guard->networks, network);
	for (guint i = 0; i < peers->len; i++) {
		const TunePeer *peer = peers->pdata[i];
		g_ptr_array_add(network->echoes, tune_echo_new(peer->node, peer->address));
	}
	return TRUE;
}

/* Adds the network when one of @steps changes an interface of @class. */
static gboolean find_network(TuneGuard *guard, const GPtrArray *links, const GPtrArray *steps,
			     guint class, TuneNetwork kind, GError **error)
{
	g_autofree char *own = tune_ganeti_get_address(guard->root, kind);
	const TuneLink *owner = own ? tune_links_get_owner(links, own) : NULL;

	return !owner || !is_touched(links, steps, class) || add_network(guard, owner, kind, error);
}

/* When the cluster has no secondary network, replication uses the primary addresses. */
static gboolean is_one_network(TuneRoot *root)
{
	g_autofree char *replication = tune_ganeti_get_address(root, TUNE_NETWORK_REPLICATION);
	g_autofree char *primary = tune_ganeti_get_address(root, TUNE_NETWORK_PRIMARY);

	return g_strcmp0(replication, primary) == 0;
}

static gboolean find_networks(TuneGuard *guard, const GPtrArray *steps, GError **error)
{
	const GPtrArray *links = tune_facts_get_links(guard->facts, error);

	if (!links)
		return FALSE;
	return find_network(guard, links, steps, TUNE_LINK_REPLICATION, TUNE_NETWORK_REPLICATION,
			    error) &&
	       ((guard->networks->len && is_one_network(guard->root)) ||
		find_network(guard, links, steps, TUNE_LINK_PRIMARY, TUNE_NETWORK_PRIMARY, error));
}

/* A peer that is silent before the change cannot count against it: drop it. */
static void drop_silent(TuneGuard *guard, GuardedNetwork *network)
{
	for (guint i = network->echoes->len; i-- > 0;) {
		const TuneEcho *echo = network->echoes->pdata[i];
		if (echo->proven & TUNE_ECHO_REACHED)
			continue;
		g_string_append_printf(guard->silent, "%s%s (%s)", guard->silent->len ? ", " : "",
				       echo->node, echo->address);
		g_ptr_array_remove_index(network->echoes, i);
	}
}

static gboolean reach_peers(TuneGuard *guard, GError **error)
{
	for (guint i = 0; i < guard->networks->len; i++) {
		GuardedNetwork *network = guard->networks->pdata[i];
		guint n_peers = network->echoes->len;
		/* Each network has its own time, since silent peers use up all of it. */
		gint64 deadline = tune_root_limit_deadline(guard->root, g_get_monotonic_time() +
										REACH_MS * 1000);
		if (!tune_echo_ask(network->echoes, 0, TUNE_ECHO_REACHED, deadline, error))
			return FALSE;
		drop_silent(guard, network);
		if (n_peers && !network->echoes->len)
			return tune_fail(error, TUNE_ERROR_TIMEOUT,
					 "no peer answers (%s), so nothing could be verified",
					 guard->silent->str);
	}
	return TRUE;
}

/* ---- the life of a guard ---- */

TuneGuard *tune_guard_arm(const TunePlan *plan, const GPtrArray *steps, GError **error)
{
	g_autoptr(TuneGuard) guard = g_new0(TuneGuard, 1);

	guard->root = plan->root;
	guard->facts = plan->facts;
	guard->fd = -1;
	guard->values = g_ptr_array_new_with_free_func(value_free);
	guard->networks = g_ptr_array_new_with_free_func(network_free);
	guard->silent = g_string_new(NULL);
	save_values(guard, steps);
	if (!find_networks(guard, steps, error) || !reach_peers(guard, error))
		return NULL;
	guard->deadline = tune_root_limit_deadline(
		plan->root, g_get_monotonic_time() + plan->guard_s * G_USEC_PER_SEC);
	return start_process(guard, error) ? g_steal_pointer(&guard) : NULL;
}

static gboolean read_size(const TuneGuard *guard, const GuardedNetwork *network, guint *ret_size,
			  GError **error)
{
	g_autofree char *path = g_strdup_printf("sys/class/net/%s/mtu", network->link);
	gint64 mtu;

	if (!tune_root_read_number(guard->root, path, &mtu, error))
		return FALSE;
	*ret_size = (guint)MIN(mtu, G_MAXUINT16 - 1);
	return TRUE;
}

static gboolean fail_unproven(const GuardedNetwork *network, guint size, guint wanted,
			      GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);
	gboolean is_whole = TRUE;

	for (guint i = 0; i < network->echoes->len; i++) {
		const TuneEcho *echo = network->echoes->pdata[i];
		if ((wanted & ~echo->proven) == 0)
			continue;
		is_whole = is_whole && echo->proven & TUNE_ECHO_WHOLE;
		g_string_append_printf(names, "%s%s (%s)", names->len ? ", " : "", echo->node,
				       echo->address);
	}
	if (!names->len)
		return TRUE;
	return tune_fail(
		error, TUNE_ERROR_REFUSED,
		is_whole ? "put back: packets of more than %u bytes still come from %s"
			 : "put back: packets of %u bytes are not answered unfragmented by %s",
		size, names->str);
}

static gboolean verify_network(const TuneGuard *guard, const GuardedNetwork *network,
			       GError **error)
{
	guint wanted = TUNE_ECHO_WHOLE | (guard->is_lowered ? TUNE_ECHO_CUT : 0);
	guint size;

	return read_size(guard, network, &size, error) &&
	       tune_echo_ask(network->echoes, size, wanted, guard->deadline - RESERVE_MS * 1000,
			     error) &&
	       fail_unproven(network, size, wanted, error);
}

gboolean tune_guard_verify(TuneGuard *guard, GError **error)
{
	for (guint i = 0; i < guard->networks->len; i++)
		if (!verify_network(guard, guard->networks->pdata[i], error))
			return FALSE;
	return TRUE;
}

const char *tune_guard_get_silent(const TuneGuard *guard)
{
	return guard->silent->len ? guard->silent->str : NULL;
}

gboolean tune_guard_disarm(TuneGuard *guard, GError **error)
{
	char word = DISARM;

	if (send(guard->fd, &word, 1, MSG_NOSIGNAL) != 1 || recv(guard->fd, &word, 1, 0) != 1)
		return tune_fail(error, TUNE_ERROR_TIMEOUT, "put back: it came too late");
	guard->is_disarmed = TRUE;
	return TRUE;
}

/* Wait until the guard process has restored the values, so that the next read sees them. */
static void wait_for_end(pid_t pid)
{
	gint64 deadline = g_get_monotonic_time() + RESTORE_MS * 1000;

	while (waitpid(pid, NULL, WNOHANG) == 0 && g_get_monotonic_time() < deadline)
		g_usleep(1000);
}

void tune_guard_free(TuneGuard *guard)
{
	if (!guard)
		return;
	if (guard->fd >= 0)
		close(guard->fd);
	if (guard->pid > 0)
		wait_for_end(guard->pid);
	/* The guard process may have been killed, or may have ended before the last of our own writes. */
	if (guard->pid > 0 && !guard->is_disarmed)
		put_back(guard);
	g_ptr_array_unref(guard->values);
	g_ptr_array_unref(guard->networks);
	g_string_free(guard->silent, TRUE);
	g_free(guard);
}
