# SPDX-License-Identifier: Apache-2.0
"""What the system tests, `make run` and the benchmarks share: registries, images, machines."""
