/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guests - who is connected to a door that is open to the network, for how
 * long, and how much of what they send is held: so that nobody who only dawdles
 * keeps the others out. It knows no socket but by its number, and no clock.
 *
 * A connection waits for a question's head, and then for its body; each of the
 * two has its time, however many bytes come. One network (an IPv4 address, the
 * first half of an IPv6 one) may hold a share of the memory, not all of it.
 */
#ifndef CTL_GUESTS_H
#define CTL_GUESTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define GUESTS_MAX 64 /* connections */

struct guest {
	int fd; /* -1: nobody is here */
	unsigned char net[16]; /* of which network; all 0 where it is unknown */
	bool asks; /* the head is here: its body comes */
	int64_t since_us; /* BOOTTIME, of what it does now */
	size_t held; /* bytes */
};

struct guests { /* set the limits, then guests_init() */
	int64_t head_us; /* for a head, also of the next question */
	int64_t body_us; /* for a body */
	size_t most; /* bytes of all bodies */
	size_t most_each; /* of one network's */
	pthread_mutex_t lock; /* every function below takes it */
	struct guest at[GUESTS_MAX];
};

void guests_init(struct guests *g);

/* Somebody came; borrowed from g. NULL: there is no place. */
struct guest *guests_enter(
    struct guests *g, int fd, const struct sockaddr *from, int64_t now_us);

/* Before the number is closed. Accepts NULL. */
void guests_leave(struct guests *g, struct guest *who);

/* The head is here; or, not `asks`: all is answered. Accepts NULL. */
void guests_turn(
    struct guests *g, struct guest *who, bool asks, int64_t now_us);

/* It is to hold that many bytes more, or fewer; false: that is too much, and
 * nothing has changed. `who` may be NULL: nobody's own. */
bool guests_hold(struct guests *g, struct guest *who, long more);

/* fn for the number of each whose time is over; it may not call back. */
void guests_overdue(
    struct guests *g, int64_t now_us, void (*fn)(void *arg, int fd), void *arg);

#endif
