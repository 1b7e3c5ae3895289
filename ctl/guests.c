/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <netinet/in.h>
#include <string.h>

#include "ctl/guests.h"

void
guests_init(struct guests *g)
{
	pthread_mutex_init(&g->lock, NULL);
	for (size_t i = 0; i < GUESTS_MAX; i++)
		g->at[i] = (struct guest){ .fd = -1 };
}

/* Who has an IPv6 address has 2^64 of them. */
static void
net_of(const struct sockaddr *from, unsigned char net[static 16])
{
	memset(net, 0, 16);
	if (from != NULL && from->sa_family == AF_INET)
		memcpy(net, &((const struct sockaddr_in *)from)->sin_addr, 4);
	if (from != NULL && from->sa_family == AF_INET6)
		memcpy(net, &((const struct sockaddr_in6 *)from)->sin6_addr, 8);
}

struct guest *
guests_enter(
    struct guests *g, int fd, const struct sockaddr *from, int64_t now_us)
{
	struct guest *who = NULL;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; who == NULL && i < GUESTS_MAX; i++)
		if (g->at[i].fd < 0)
			who = &g->at[i];
	if (who != NULL) {
		*who = (struct guest){ .fd = fd, .since_us = now_us };
		net_of(from, who->net);
	}
	pthread_mutex_unlock(&g->lock);
	return who;
}

void
guests_leave(struct guests *g, struct guest *who)
{
	if (who == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	*who = (struct guest){ .fd = -1 };
	pthread_mutex_unlock(&g->lock);
}

void
guests_turn(struct guests *g, struct guest *who, bool asks, int64_t now_us)
{
	if (who == NULL)
		return;
	pthread_mutex_lock(&g->lock);
	who->asks = asks;
	who->since_us = now_us;
	pthread_mutex_unlock(&g->lock);
}

/* By all, and by those of one network. */
static void
sum(const struct guests *g, const struct guest *who, size_t *ret_all,
    size_t *ret_net)
{
	*ret_all = *ret_net = 0;
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		*ret_all += g->at[i].held;
		if (memcmp(g->at[i].net, who->net, sizeof(who->net)) == 0)
			*ret_net += g->at[i].held;
	}
}

bool
guests_hold(struct guests *g, struct guest *who, long more)
{
	size_t all, net;
	bool may;

	if (who == NULL)
		return more <= 0;
	pthread_mutex_lock(&g->lock);
	sum(g, who, &all, &net);
	may = more <= 0 || (all + (size_t)more <= g->most &&
			       net + (size_t)more <= g->most_each);
	if (may)
		who->held += (size_t)more;
	pthread_mutex_unlock(&g->lock);
	return may;
}

void
guests_overdue(
    struct guests *g, int64_t now_us, void (*fn)(void *arg, int fd), void *arg)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		const struct guest *who = &g->at[i];

		if (who->fd >= 0 && now_us - who->since_us >
					(who->asks ? g->body_us : g->head_us))
			fn(arg, who->fd);
	}
	pthread_mutex_unlock(&g->lock);
}
