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
/* glibc has them not; linux/in.h and linux/in6.h cannot be had along with its own. */
#ifndef IP_RECVFRAGSIZE
#define IP_RECVFRAGSIZE 25
#endif
#ifndef IPV6_RECVFRAGSIZE
#define IPV6_RECVFRAGSIZE 77
#endif

/**
 * @header: bytes of the IP header of what is sent; @is_received: and it stands in front of what is received
 * @whole, @may_cut: values of @discover
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
} Line;

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

static void line_free(gpointer data)
{
	Line *line = data;

	if (line->fd >= 0)
		close(line->fd);
	g_free(line);
}

/* FALSE without an error: no route leads there, and so it is a host that does not answer. */
static gboolean connect_line(Line *line, GError **error)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	gboolean is_v4 = line->family->family == AF_INET;
	int good = is_v4 ? inet_pton(AF_INET, line->echo->address, &v4.sin_addr)
			 : inet_pton(AF_INET6, line->echo->address, &v6.sin6_addr);

	if (good != 1)
		return tune_fail(error, TUNE_ERROR_INVALID, "%s: '%s' is not an address",
				 line->echo->node, line->echo->address);
	/* Connected, it hears nobody else. */
	return connect(line->fd, is_v4 ? (const void *)&v4 : (const void *)&v6,
		       is_v4 ? sizeof(v4) : sizeof(v6)) == 0;
}

/* NULL without an error: as of connect_line(). */
static Line *open_line(TuneEcho *echo, GError **error)
{
	Line *line = g_new0(Line, 1);

	line->echo = echo;
	line->family = &families[strchr(echo->address, ':') ? 1 : 0];
	line->fd = socket(line->family->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			  line->family->protocol);
	if (line->fd < 0)
		tune_fail_errno(error, "ICMP socket");
	else if (setsockopt(line->fd, line->family->level, line->family->fragsize, &(int){ 1 },
			    sizeof(int)) < 0)
		tune_fail_errno(error, "IP_RECVFRAGSIZE");
	else if (connect_line(line, error))
		return line;
	line_free(line);
	return NULL;
}

/* ---- packets ---- */

static guint16 sum_up(const guint8 *bytes, size_t n)
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

/* Type, code, checksum, identifier, sequence number: alike in both protocols.  What is asked is the number. */
static void fill_in(guint8 *packet, size_t n, const Family *family, guint proof)
{
	guint16 head[4] = { htons((guint16)(family->request << 8)), 0, htons(get_own_id()),
			    htons((guint16)proof) };

	memset(packet, 0, n);
	memcpy(packet, head, sizeof(head));
	/* The kernel does it for ICMPv6. */
	if (family->family == AF_INET) {
		head[1] = htons(sum_up(packet, n));
		memcpy(packet, head, sizeof(head));
	}
}

/* @size: of the whole IP packet; FALSE with errno. */
static gboolean send_one(const Line *line, guint size, guint proof, int discover)
{
	guint8 packet[LARGEST_PACKET];
	size_t n = size - line->family->header;

	fill_in(packet, n, line->family, proof);
	return setsockopt(line->fd, line->family->level, line->family->discover, &discover,
			  sizeof(discover)) == 0 &&
	       send(line->fd, packet, n, MSG_NOSIGNAL) >= 0;
}

static void send_missing(const Line *line, guint size, guint wanted)
{
	guint missing = wanted & ~line->echo->proven;

	/* A host that cannot be reached for the moment is a host that does not answer. */
	if (missing & TUNE_ECHO_REACHED)
		send_one(line, SMALL_SIZE, TUNE_ECHO_REACHED, line->family->whole);
	if (missing & TUNE_ECHO_WHOLE)
		send_one(line, size, TUNE_ECHO_WHOLE, line->family->whole);
	if (missing & TUNE_ECHO_CUT)
		send_one(line, size + 1, TUNE_ECHO_CUT, line->family->may_cut);
}

/* The kernel, which has put it together, tells. */
static gboolean was_cut(const Line *line, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == line->family->level && c->cmsg_type == line->family->fragsize)
			return TRUE;
	return FALSE;
}

/* What it proves; 0 when it is no answer to us. */
static guint judge(const Line *line, const guint8 *packet, size_t n, gboolean is_cut)
{
	size_t header = line->family->is_received ? (packet[0] & 0xfu) * 4u : 0;
	guint16 head[4];

	if (n < header + sizeof(head))
		return 0;
	memcpy(head, packet + header, sizeof(head));
	guint proof = ntohs(head[3]);
	if (packet[header] != line->family->reply || head[2] != htons(get_own_id()))
		return 0;
	if ((proof == TUNE_ECHO_WHOLE && is_cut) || (proof == TUNE_ECHO_CUT && !is_cut))
		return 0;
	return proof;
}

static void hear(const Line *line)
{
	guint8 packet[LARGEST_PACKET], control[256] __attribute__((aligned(8)));
	struct iovec place = { packet, sizeof(packet) };
	ssize_t n;

	do {
		struct msghdr message = { .msg_iov = &place,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		n = recvmsg(line->fd, &message, 0);
		if (n > 0)
			line->echo->proven |= judge(line, packet, (size_t)n,
						    was_cut(line, &message));
	} while (n >= 0 || errno == EINTR);
}

/* ---- all of them ---- */

static gboolean is_done(const GPtrArray *lines, guint wanted)
{
	for (guint i = 0; i < lines->len; i++)
		if (wanted & ~((const Line *)lines->pdata[i])->echo->proven)
			return FALSE;
	return TRUE;
}

static void listen_for(const GPtrArray *lines, gint64 until)
{
	g_autofree struct pollfd *ready = g_new0(struct pollfd, lines->len);
	gint64 left_ms;

	for (guint i = 0; i < lines->len; i++)
		ready[i] = (struct pollfd){ ((const Line *)lines->pdata[i])->fd, POLLIN, 0 };
	while ((left_ms = (until - g_get_monotonic_time()) / 1000) > 0 &&
	       poll(ready, lines->len, (int)left_ms) > 0)
		for (guint i = 0; i < lines->len; i++)
			if (ready[i].revents)
				hear(lines->pdata[i]);
}

/* Were one byte more sent in one piece, nothing would be proven by the size that was asked for. */
static gboolean check_size(const GPtrArray *lines, guint size, GError **error)
{
	for (guint i = 0; i < lines->len; i++) {
		const Line *line = lines->pdata[i];
		if (send_one(line, size + 1, 0, line->family->whole) || errno != EMSGSIZE)
			return tune_fail(error, TUNE_ERROR_REFUSED,
					 "%s: packets of more than %u bytes are sent to it",
					 line->echo->address, size);
	}
	return TRUE;
}

static GPtrArray *open_lines(const GPtrArray *echoes, GError **error)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(line_free);

	for (guint i = 0; i < echoes->len; i++) {
		g_autoptr(GError) local = NULL;
		Line *line = open_line(echoes->pdata[i], &local);
		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
		if (line)
			g_ptr_array_add(lines, line);
	}
	return g_steal_pointer(&lines);
}

gboolean tune_echo_ask(GPtrArray *echoes, guint size, guint wanted, gint64 deadline, GError **error)
{
	g_autoptr(GPtrArray) lines = open_lines(echoes, error);

	if (!lines)
		return FALSE;
	if (wanted & TUNE_ECHO_WHOLE && !check_size(lines, size, error))
		return FALSE;
	while (!is_done(lines, wanted) && g_get_monotonic_time() < deadline) {
		for (guint i = 0; i < lines->len; i++)
			send_missing(lines->pdata[i], size, wanted);
		gint64 until = g_get_monotonic_time() + INTERVAL_MS * 1000;
		/* The first answers come long before the interval ends. */
		while (!is_done(lines, wanted) && g_get_monotonic_time() < MIN(until, deadline))
			listen_for(lines, MIN(until, g_get_monotonic_time() + 2000));
	}
	return TRUE;
}
