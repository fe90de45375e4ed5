/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libtune/tuning/echo.h>
#include <libtune/base/error.h>
#include <libtune/base/root.h>

#define INTERVAL_MS 200
#define SMALL_SIZE 84
#define LARGEST_PACKET 65535
/* glibc does not define these, and linux/in.h and linux/in6.h conflict with its headers. */
#ifndef IP_RECVFRAGSIZE
#define IP_RECVFRAGSIZE 25
#endif
#ifndef IPV6_RECVFRAGSIZE
#define IPV6_RECVFRAGSIZE 77
#endif

/**
 * @header: bytes of the IP header of packets that are sent; @is_received: received packets begin with it
 * @whole, @may_cut: values of the option @discover: never fragment, or fragment if needed
 */
typedef struct {
	int family;
	int protocol;
	guint header;
	gboolean is_received;
	guint8 request;
	guint8 reply;
	int level;
	int discover;
	int whole;
	int may_cut;
	int fragsize;
} Family;

/* clang-format off */
static const Family families[] = {
	{ AF_INET, IPPROTO_ICMP, sizeof(struct iphdr), TRUE, ICMP_ECHO, ICMP_ECHOREPLY,
	  IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, IP_PMTUDISC_DONT, IP_RECVFRAGSIZE },
	{ AF_INET6, IPPROTO_ICMPV6, 40, FALSE, ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY,
	  IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE, IPV6_PMTUDISC_DONT, IPV6_RECVFRAGSIZE },
};
/* clang-format on */

/* A peer, and the socket to it. */
typedef struct {
	TuneEcho *echo;
	const Family *family;
	int fd;
} Probe;

TuneEcho *tune_echo_new(const char *node, const char *address)
{
	TuneEcho *echo = g_new(TuneEcho, 1);

	*echo = (TuneEcho){ g_strdup(node), g_strdup(address), 0 };
	return echo;
}

void tune_echo_free(gpointer data)
{
	TuneEcho *echo = data;

	g_free(echo->node);
	g_free(echo->address);
	g_free(echo);
}

/* ---- sockets ---- */

static void probe_free(gpointer data)
{
	Probe *probe = data;

	if (probe->fd >= 0)
		close(probe->fd);
	g_free(probe);
}

/* FALSE without an error when there is no route to the host: then it is one that does not answer. */
static gboolean connect_probe(Probe *probe, GError **error)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	gboolean is_v4 = probe->family->family == AF_INET;
	int good = is_v4 ? inet_pton(AF_INET, probe->echo->address, &v4.sin_addr)
			 : inet_pton(AF_INET6, probe->echo->address, &v6.sin6_addr);

	if (good != 1)
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: '%s' is not an address",
				 probe->echo->node, probe->echo->address);
	/* A connected socket receives packets of this peer only. */
	return connect(probe->fd, is_v4 ? (const void *)&v4 : (const void *)&v6,
		       is_v4 ? sizeof(v4) : sizeof(v6)) == 0;
}

/* NULL without an error as connect_probe(). */
static Probe *open_probe(TuneEcho *echo, GError **error)
{
	Probe *probe = g_new0(Probe, 1);

	probe->echo = echo;
	probe->family = &families[strchr(echo->address, ':') ? 1 : 0];
	probe->fd = socket(probe->family->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			   probe->family->protocol);
	if (probe->fd < 0)
		tune_fail_errno(error, "ICMP socket");
	else if (setsockopt(probe->fd, probe->family->level, probe->family->fragsize, &(int){ 1 },
			    sizeof(int)) < 0)
		tune_fail_errno(error, "IP_RECVFRAGSIZE");
	else if (connect_probe(probe, error))
		return probe;
	probe_free(probe);
	return NULL;
}

/* ---- packets ---- */

static guint16 compute_checksum(const guint8 *bytes, size_t n)
{
	guint32 sum = 0;

	for (size_t i = 0; i < n; i += 2)
		sum += (guint32)bytes[i] << 8 | (i + 1 < n ? bytes[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (guint16)~sum;
}

static guint16 get_own_id(void)
{
	return (guint16)getpid();
}

/* Type, code, checksum, identifier, sequence number, in both protocols.  The sequence number is the wanted proof. */
static void fill_packet(guint8 *packet, size_t n, const Family *family, guint proof)
{
	guint16 head[4] = { htons((guint16)(family->request << 8)), 0, htons(get_own_id()),
			    htons((guint16)proof) };

	memset(packet, 0, n);
	memcpy(packet, head, sizeof(head));
	/* For ICMPv6 the kernel computes the checksum. */
	if (family->family == AF_INET) {
		head[1] = htons(compute_checksum(packet, n));
		memcpy(packet, head, sizeof(head));
	}
}

/* @size: of the whole IP packet; FALSE with errno. */
static gboolean send_packet(const Probe *probe, guint size, guint proof, int discover)
{
	guint8 packet[LARGEST_PACKET];
	size_t n = size - probe->family->header;

	fill_packet(packet, n, probe->family, proof);
	return setsockopt(probe->fd, probe->family->level, probe->family->discover, &discover,
			  sizeof(discover)) == 0 &&
	       send(probe->fd, packet, n, MSG_NOSIGNAL) >= 0;
}

static void send_missing(const Probe *probe, guint size, guint wanted)
{
	guint missing = wanted & ~probe->echo->proven;

	/* An error of sending means an unreachable host, which is one that does not answer. */
	if (missing & TUNE_ECHO_REACHED)
		send_packet(probe, SMALL_SIZE, TUNE_ECHO_REACHED, probe->family->whole);
	if (missing & TUNE_ECHO_WHOLE)
		send_packet(probe, size, TUNE_ECHO_WHOLE, probe->family->whole);
	if (missing & TUNE_ECHO_CUT)
		send_packet(probe, size + 1, TUNE_ECHO_CUT, probe->family->may_cut);
}

/* The kernel tells when it has put a packet together from fragments. */
static gboolean was_cut(const Probe *probe, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == probe->family->level &&
		    c->cmsg_type == probe->family->fragsize)
			return TRUE;
	return FALSE;
}

/* The proof in an answer; 0 when it is no answer to one of our packets. */
static guint read_proof(const Probe *probe, const guint8 *packet, size_t n, gboolean is_cut)
{
	size_t header = probe->family->is_received ? (packet[0] & 0xfu) * 4u : 0;
	guint16 head[4];

	if (n < header + sizeof(head))
		return 0;
	memcpy(head, packet + header, sizeof(head));
	guint proof = ntohs(head[3]);
	if (packet[header] != probe->family->reply || head[2] != htons(get_own_id()))
		return 0;
	if ((proof == TUNE_ECHO_WHOLE && is_cut) || (proof == TUNE_ECHO_CUT && !is_cut))
		return 0;
	return proof;
}

static void receive_answers(const Probe *probe)
{
	guint8 packet[LARGEST_PACKET], control[256] __attribute__((aligned(8)));
	struct iovec place = { packet, sizeof(packet) };
	ssize_t n;

	do {
		struct msghdr message = { .msg_iov = &place,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		n = recvmsg(probe->fd, &message, 0);
		if (n > 0)
			probe->echo->proven |= read_proof(probe, packet, (size_t)n,
							  was_cut(probe, &message));
	} while (n >= 0 || errno == EINTR);
}

/* ---- all of them ---- */

static gboolean is_done(const GPtrArray *probes, guint wanted)
{
	for (guint i = 0; i < probes->len; i++)
		if (wanted & ~((const Probe *)probes->pdata[i])->echo->proven)
			return FALSE;
	return TRUE;
}

static void wait_for_answers(const GPtrArray *probes, gint64 until)
{
	g_autofree struct pollfd *ready = g_new0(struct pollfd, probes->len);
	gint64 left_ms;

	for (guint i = 0; i < probes->len; i++)
		ready[i] = (struct pollfd){ ((const Probe *)probes->pdata[i])->fd, POLLIN, 0 };
	while ((left_ms = (until - g_get_monotonic_time()) / 1000) > 0 &&
	       poll(ready, probes->len, (int)left_ms) > 0)
		for (guint i = 0; i < probes->len; i++)
			if (ready[i].revents)
				receive_answers(probes->pdata[i]);
}

/* When this host sends @size + 1 bytes in one piece, its own MTU is not @size, and answers would prove nothing. */
static gboolean check_size(const GPtrArray *probes, guint size, GError **error)
{
	for (guint i = 0; i < probes->len; i++) {
		const Probe *probe = probes->pdata[i];
		if (send_packet(probe, size + 1, 0, probe->family->whole) || errno != EMSGSIZE)
			return tune_fail(error, TUNE_ERROR_REFUSED,
					 "%s: packets of more than %u bytes are sent to it",
					 probe->echo->address, size);
	}
	return TRUE;
}

static GPtrArray *open_probes(const GPtrArray *echoes, GError **error)
{
	g_autoptr(GPtrArray) probes = g_ptr_array_new_with_free_func(probe_free);

	for (guint i = 0; i < echoes->len; i++) {
		g_autoptr(GError) local = NULL;
		Probe *probe = open_probe(echoes->pdata[i], &local);
		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
		if (probe)
			g_ptr_array_add(probes, probe);
	}
	return g_steal_pointer(&probes);
}

gboolean tune_echo_ask(GPtrArray *echoes, guint size, guint wanted, gint64 deadline, GError **error)
{
	g_autoptr(GPtrArray) probes = open_probes(echoes, error);

	if (!probes)
		return FALSE;
	if (wanted & TUNE_ECHO_WHOLE && !check_size(probes, size, error))
		return FALSE;
	while (!is_done(probes, wanted) && g_get_monotonic_time() < deadline) {
		for (guint i = 0; i < probes->len; i++)
			send_missing(probes->pdata[i], size, wanted);
		gint64 until = g_get_monotonic_time() + INTERVAL_MS * 1000;
		/* Most answers come long before the interval ends, so look every 2 ms whether all have come. */
		while (!is_done(probes, wanted) && g_get_monotonic_time() < MIN(until, deadline))
			wait_for_answers(probes, MIN(until, g_get_monotonic_time() + 2000));
	}
	return TRUE;
}
