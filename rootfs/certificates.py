#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the certificates of public authorities into one PEM file, each without its signature.

An authority signs its certificate itself, which proves nothing: it is trusted because it stands in
this file. Nobody looks at that signature, and its bytes, which cannot be compressed, are half
of the compressed file; so they are zeros here. Certificates with zeros are still of the same size and form.

usage: certificates.py FILE.crt… >PEM
"""

import ssl
import sys


def value_of(der, at):
    """Start and end of the value of the element (X.690, 8.1) at this offset."""
    length = der[at + 1]
    at += 2
    if length >= 0x80:
        octets = length & 0x7F
        length = int.from_bytes(der[at:at + octets], "big")
        at += octets
    return at, at + length


def without_signature(der):
    """The certificate (RFC 5280, 4.1): a sequence of what is signed, the algorithm, a bit string."""
    at, end = value_of(der, 0)
    for _ in ("tbsCertificate", "signatureAlgorithm"):
        at = value_of(der, at)[1]
    start, stop = value_of(der, at)
    if der[0] != 0x30 or der[at] != 0x03 or stop != end or end != len(der):
        raise ValueError("is no X.509 certificate")
    start += 1  # the number of unused bits
    return der[:start] + bytes(stop - start)


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="ascii") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        try:
            sys.stdout.write(ssl.DER_cert_to_PEM_cert(without_signature(der)))
        except (ValueError, IndexError) as error:
            sys.exit(f"certificates.py: {path}: {error}")


if __name__ == "__main__":
    main()
