/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/wire.h"

union fd_space {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int
wire_pair(int ret_fds[static 2])
{
	int type = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;

	return socketpair(AF_UNIX, type, 0, ret_fds) < 0 ? -errno : 0;
}

static void
attach_fd(struct msghdr *m, union fd_space *space, int fd)
{
	struct cmsghdr *c;

	memset(space, 0, sizeof(*space));
	m->msg_control = space->bytes;
	m->msg_controllen = sizeof(space->bytes);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

int
wire_send(int sock, const void *bytes, size_t n, int fd)
{
	struct iovec v = { .iov_base = (void *)bytes, .iov_len = n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	union fd_space space;
	ssize_t sent;

	if (fd >= 0)
		attach_fd(&m, &space, fd);
	do {
		sent = sendmsg(sock, &m, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

static int
taken_fd(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS && c->cmsg_len >= CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

ssize_t
wire_recv(int sock, void *bytes, size_t size, int *ret_fd)
{
	struct iovec v = { .iov_base = bytes, .iov_len = size };
	union fd_space space;
	struct msghdr m = {
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = space.bytes,
		.msg_controllen = sizeof(space.bytes),
	};
	ssize_t n;
	int fd;

	do {
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (n == 0)
		return 0;
	fd = taken_fd(&m);
	if (fd >= 0 && (ret_fd == NULL || (m.msg_flags & MSG_TRUNC))) {
		close(fd);
		fd = -1;
	}
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	if (ret_fd != NULL)
		*ret_fd = fd;
	return n;
}
