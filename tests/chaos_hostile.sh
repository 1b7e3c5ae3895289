#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile files through the real intake: see hostile.sh.
HOSTILE=${CHAOS:-slice} exec sh tests/hostile.sh
