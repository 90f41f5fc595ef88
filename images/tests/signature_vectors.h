// SPDX-License-Identifier: Apache-2.0
/* Made by cosign 3.1.1 (and OpenSSL, where it says so) over an image with the digest SUBJECT. */
#ifndef BERTH_IMAGES_TESTS_SIGNATURE_VECTORS_H
#define BERTH_IMAGES_TESTS_SIGNATURE_VECTORS_H

#define SUBJECT \
	"sha256:c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357d26e4c91dc38c571c50"

/* cosign generate-key-pair */
#define P256_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg3kyhmDyI8utMKvf1VQpT4OQHVw7\n" \
	"Lqm8puIW2f+UAD4qY0Lb4PNJMQTdo//P7vJpDAij0n+ZdWeAA5K9/wozSQ==\n" \
	"-----END PUBLIC KEY-----\n"

/* openssl genrsa 2048, cosign import-key-pair */
#define RSA_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0dcrlSECVhffqpmCfryv\n" \
	"cikFNV1S4mrR8IOuSpCL4CbRb9cizegLftUythrNWKNSNjdTJSWngI9iogVu4Y5a\n" \
	"VVFSUdT1EBObPiYGfH1wWEmCs1Ew/C4pmNJgxODBOLmRf6igryety2MdgiEpPO3w\n" \
	"3fW1CfHTmvsU3Xkd1D/tdRAeCQELvAQaQEJIcEvP6Z9yP5rzlrudn0OO4HyhL/8S\n" \
	"VNG/VzP6P0V3ZhbsrzWgDry8FNGiKg0/XJkY0lhnA4BQ5wxA5tVQyaEnEeff4f4K\n" \
	"m+VXSHh1NOCHNBUZTFzExH3wbGbAMZq/qS3i2bYuaECEodDNNjrLxY05hv0i4lHR\n" \
	"JwIDAQAB\n" \
	"-----END PUBLIC KEY-----\n"

/* openssl genrsa 1024 */
#define RSA1024_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDn9FcaornESg1SOu3zeUwwaNLl\n" \
	"bkpnedvcoWcE+Zuf9jKnX49Gg7F5snWo4jxNxyELLHuqiBetJnijGs8ks779Z125\n" \
	"BQmptYFErzNKJUiD5PEg2ghRjUMSLu4L6O/iFZmlvU/WlWHKxog3krt2VipcUQvb\n" \
	"e0CkDLIiMVp3akNahwIDAQAB\n" \
	"-----END PUBLIC KEY-----\n"

/* openssl ecparam -name secp384r1 */
#define P384_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEKkIg9Wck3WQCTlgTwEB26ARRMJfFf2O6\n" \
	"cjlErBZnM/WSm1Ag6jrEwlcBLEk1rOeRKmHW5QpdEzjXhvIgVFiBzp55ZWadTiyB\n" \
	"8bhP0hw+zcmsXBb7xMttiVwkl3wxORf6\n" \
	"-----END PUBLIC KEY-----\n"

/* openssl genpkey -algorithm ed25519 */
#define ED25519_PUBLIC \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MCowBQYDK2VwAyEAfLTgFhOFGdRanIhr44It8DfLuGcSWiOWcyAnD+T9Rsc=\n" \
	"-----END PUBLIC KEY-----\n"

/* --sign-container-identity registry.example/team/app -a env=prod -a team=a */
#define PAYLOAD \
	"{\"critical\":{\"identity\":{\"docker-reference\":\"registry.example/team/app\"}" \
	",\"image\":{\"docker-manifest-digest\":\"sha256:c7c746130e773d9b0aef3ca7fdf50" \
	"b1fe4079c3bf4357d26e4c91dc38c571c50\"},\"type\":\"cosign container image sig" \
	"nature\"},\"optional\":{\"env\":\"prod\",\"team\":\"a\"}}"

/* of PAYLOAD */
#define P256_SIGNATURE \
	"MEYCIQC0sJ+x5k5989kIEfbVsfR69iz7QPVR57tjSiLj7ZBH9gIhAPGhgc9eFbu1GYeJ/ttx" \
	"TgsomSS5XfRXDXiR+9Dujk9Z"

/* of PAYLOAD */
#define RSA_SIGNATURE \
	"amxwtfVyUqagQ8tJDfjvDDxj8ENBne2sTjzK5ZSySAcQMmXDOZKT3O0qh2YPbfQlbJsGKBqx" \
	"H+omvvU8XH7Qcpkm13XFu+sRH48qf7R7ps7FOWm7NPopJWN7pocieQj5VtRzucK1y1bnAzrp" \
	"xvPRk+LsFn0PRS1fcgjL8ccPfvhfeCQHP0hHZJNgfDThL2LqaFXOP3RvpGWQHrlLvf/Uqk/u" \
	"88A3e2gnbKiptpXQ7tnET+JvIg0BH6kzpxRjBjg3d85ZwnyxHlrk7xnFQqk3Zf69lhhIJeBQ" \
	"bakV1uIcRfyBLj+Grx9e39ltP+Vu492vYzaj9LZIlz+euclqGE7WKA=="

/* -a docker-reference=registry.example/team/app -a env=prod */
#define P256_BUNDLE \
	"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificati" \
	"onMaterial\":{\"publicKey\":{\"hint\":\"z0g34JiNfBKCZ6t3/fF4oYk28y5ek1dGqa1yKb" \
	"fd6FQ=\"}},\"dsseEnvelope\":{\"payload\":\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5" \
	"pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiYzdjNzQ" \
	"2MTMwZTc3M2Q5YjBhZWYzY2E3ZmRmNTBiMWZlNDA3OWMzYmY0MzU3ZDI2ZTRjOTFkYzM4YzU" \
	"3MWM1MCJ9LCJhbm5vdGF0aW9ucyI6eyJkb2NrZXItcmVmZXJlbmNlIjoicmVnaXN0cnkuZXh" \
	"hbXBsZS90ZWFtL2FwcCIsImVudiI6InByb2QifX1dLCJwcmVkaWNhdGVUeXBlIjoiaHR0cHM" \
	"6Ly9zaWdzdG9yZS5kZXYvY29zaWduL3NpZ24vdjEiLCJwcmVkaWNhdGUiOnt9fQ==\",\"payl" \
	"oadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":\"MEQCIHyxr1" \
	"i4ajFW+Hky0gle84JXeXmPkBfVsJB1IijXeUo/AiBK05lylup40fulDgdM4UJUJn+7rLswfy" \
	"+54VV0nZElgg==\"}]}}"

/* without annotations */
#define RSA_BUNDLE \
	"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificati" \
	"onMaterial\":{\"publicKey\":{\"hint\":\"g6SynESLUmxxLm9PisU4/bMEiqcmvZGflLwG6K" \
	"jc+Hg=\"}},\"dsseEnvelope\":{\"payload\":\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5" \
	"pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiYzdjNzQ" \
	"2MTMwZTc3M2Q5YjBhZWYzY2E3ZmRmNTBiMWZlNDA3OWMzYmY0MzU3ZDI2ZTRjOTFkYzM4YzU" \
	"3MWM1MCJ9LCJhbm5vdGF0aW9ucyI6e319XSwicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vc2l" \
	"nc3RvcmUuZGV2L2Nvc2lnbi9zaWduL3YxIiwicHJlZGljYXRlIjp7fX0=\",\"payloadType\"" \
	":\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":\"vYzBZ5MYQ6OxCXlCU1" \
	"FNda3tVDUgdnCPNI19YJfhXGDCZOX3qKHV9rmALwazkaxAqgRZrbAeGIMGDe1YcnXuTsWb/L" \
	"1en0U3IjL64dGCjYysrhwCP7mKJRMJ//J94j8zOFyjx/2K+xgWFma+BVAxSAAtZgRK1D4Jvi" \
	"jHFWxnTfurZ+vQs3XbY38X9/xFQOfOHirONg9jesjlr5vBbisRcIwGpvJrJGBuNrg5Z2RIKJ" \
	"8W/g3wwXG04v23pbTe9oHhj8+x63d1AakPH2Ny2kUoTKb177120P/1mDAyrPlKP+U7gpBrpc" \
	"AcBwurfyttTMElH2ZrZyzPYbPI0/BYua2DEg==\"}]}}"

/* cosign attest, with the P-256 key */
#define ATTESTATION_BUNDLE \
	"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificati" \
	"onMaterial\":{\"publicKey\":{\"hint\":\"z0g34JiNfBKCZ6t3/fF4oYk28y5ek1dGqa1yKb" \
	"fd6FQ=\"}},\"dsseEnvelope\":{\"payload\":\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5" \
	"pby9TdGF0ZW1lbnQvdjAuMSIsInN1YmplY3QiOlt7Im5hbWUiOiJsb2NhbGhvc3Q6NTA3Ny9" \
	"hcHAvdmVjIiwiZGlnZXN0Ijp7InNoYTI1NiI6ImM3Yzc0NjEzMGU3NzNkOWIwYWVmM2NhN2Z" \
	"kZjUwYjFmZTQwNzljM2JmNDM1N2QyNmU0YzkxZGMzOGM1NzFjNTAifX1dLCJwcmVkaWNhdGV" \
	"UeXBlIjoiaHR0cHM6Ly9jb3NpZ24uc2lnc3RvcmUuZGV2L2F0dGVzdGF0aW9uL3YxIiwicHJ" \
	"lZGljYXRlIjp7IkRhdGEiOiJ7XCJhXCI6MX1cbiIsIlRpbWVzdGFtcCI6IjIwMjYtMTEtMjR" \
	"UMTM6Mzg6NTVaIn19\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatu" \
	"res\":[{\"sig\":\"MEYCIQDZpM8spCfF/a5eFkPTuuuhxxdKdo9OznYaaO2wXa5a+QIhAPSrVK" \
	"zDpci6qvksurSILOimQITwWT4AMdg/iRyXK89K\"}]}}"

/* the tag sha256-….sig: both signatures of PAYLOAD */
#define SIGNATURE_MANIFEST \
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+js" \
	"on\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"si" \
	"ze\":342,\"digest\":\"sha256:787c494488289741e8a8507c9cfdeeb8a4d2876b1fba3df" \
	"cc653569cc1d292d6\"},\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.s" \
	"implesigning.v1+json\",\"size\":262,\"digest\":\"sha256:0db23291df5ce970466fa1" \
	"cfefcff7566f8fed7906b83b463b1ec179f064c333\",\"annotations\":{\"dev.cosignpr" \
	"oject.cosign/signature\":\"MEYCIQC0sJ+x5k5989kIEfbVsfR69iz7QPVR57tjSiLj7ZB" \
	"H9gIhAPGhgc9eFbu1GYeJ/ttxTgsomSS5XfRXDXiR+9Dujk9Z\"}},{\"mediaType\":\"appli" \
	"cation/vnd.dev.cosign.simplesigning.v1+json\",\"size\":262,\"digest\":\"sha256" \
	":0db23291df5ce970466fa1cfefcff7566f8fed7906b83b463b1ec179f064c333\",\"anno" \
	"tations\":{\"dev.cosignproject.cosign/signature\":\"amxwtfVyUqagQ8tJDfjvDDxj" \
	"8ENBne2sTjzK5ZSySAcQMmXDOZKT3O0qh2YPbfQlbJsGKBqxH+omvvU8XH7Qcpkm13XFu+sR" \
	"H48qf7R7ps7FOWm7NPopJWN7pocieQj5VtRzucK1y1bnAzrpxvPRk+LsFn0PRS1fcgjL8ccP" \
	"fvhfeCQHP0hHZJNgfDThL2LqaFXOP3RvpGWQHrlLvf/Uqk/u88A3e2gnbKiptpXQ7tnET+Jv" \
	"Ig0BH6kzpxRjBjg3d85ZwnyxHlrk7xnFQqk3Zf69lhhIJeBQbakV1uIcRfyBLj+Grx9e39lt" \
	"P+Vu492vYzaj9LZIlz+euclqGE7WKA==\"}}]}"

/* of P256_BUNDLE */
#define BUNDLE_MANIFEST \
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+js" \
	"on\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"size\":2,\"" \
	"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f6" \
	"1caaff8a\",\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"" \
	"},\"layers\":[{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"" \
	",\"size\":739,\"digest\":\"sha256:ecb96ef08df414a2523f3fd51d7677e3da50c57002b" \
	"1807bc9c22aaa7e2d22ec\"}],\"annotations\":{\"dev.sigstore.bundle.content\":\"d" \
	"sse-envelope\",\"dev.sigstore.bundle.predicateType\":\"https://sigstore.dev/" \
	"cosign/sign/v1\",\"org.opencontainers.image.created\":\"2026-11-24T13:38:54Z" \
	"\"},\"subject\":{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"" \
	"size\":349,\"digest\":\"sha256:c7c746130e773d9b0aef3ca7fdf50b1fe4079c3bf4357" \
	"d26e4c91dc38c571c50\"},\"artifactType\":\"application/vnd.dev.sigstore.bundl" \
	"e.v0.3+json\"}"

/* the tag sha256-…: three bundles */
#define REFERRERS \
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\"" \
	",\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"," \
	"\"size\":877,\"digest\":\"sha256:23970b70515031fd61822aae53237ffafd3012ce3275" \
	"207cddd1c3bc476b16f0\",\"artifactType\":\"application/vnd.oci.empty.v1+json\"" \
	"},{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":877,\"" \
	"digest\":\"sha256:9e4209eb75a6c84e8cb43146895c853ef6369553565323f8d3477b28" \
	"593caf6a\",\"artifactType\":\"application/vnd.oci.empty.v1+json\"},{\"mediaTyp" \
	"e\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":884,\"digest\":\"sha" \
	"256:c8373da5ac660a85b9a2c69385babfbe4b62f3a5f0bb69bcb64147cef2d43c3f\",\"a" \
	"rtifactType\":\"application/vnd.oci.empty.v1+json\"}]}"

#endif
