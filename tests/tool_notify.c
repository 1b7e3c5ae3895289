/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_notify PATH - a service manager's ear: prints each line of what is
 * told to the socket PATH, behind the boot clock's milliseconds, until killed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>

#include "base/clock.h"

static void
print_lines(char *text)
{
	long long ms = (long long)(clock_read().boot_us / US_PER_MS);
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0')
			printf("%lld %s\n", ms, line);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[4096];
	ssize_t n;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		return EX_USAGE;
	strcpy(at.sun_path, argv[1]);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return EX_OSERR;
	}
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[n] = '\0';
		print_lines(text);
	}
	return EX_OSERR;
}
