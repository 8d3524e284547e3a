//! Private keys in PEM and DER: as OpenSSL writes them (`vectors/keys`), and there and back.

use oauth_proto::crypto::jwk::KeyFault;
use oauth_proto::crypto::key::EcCurve;
use oauth_proto::crypto::key::KeyKind;
use oauth_proto::crypto::key::OkpCurve;
use oauth_proto::crypto::pkcs8;
use oauth_proto::crypto::private_jwk::PrivateJwk;

use crate::providers;

fn json(crypto: &dyn oauth_proto::crypto::Crypto, pem: &str) -> String {
    let key = PrivateJwk::new(pkcs8::from_pem(crypto, pem).unwrap());
    key.to_private_json().expose().to_owned()
}

#[test]
fn the_forms_of_one_key_are_one_key() {
    for crypto in providers() {
        for (one, other) in [
            (
                include_str!("../vectors/keys/rsa.pkcs1.pem"),
                include_str!("../vectors/keys/rsa.pkcs8.pem"),
            ),
            (
                include_str!("../vectors/keys/ec-prime256v1.sec1.pem"),
                include_str!("../vectors/keys/ec-prime256v1.pkcs8.pem"),
            ),
            (
                include_str!("../vectors/keys/ec-prime256v1.no-public.pem"),
                include_str!("../vectors/keys/ec-prime256v1.pkcs8.pem"),
            ),
            (
                include_str!("../vectors/keys/ec-secp384r1.sec1.pem"),
                include_str!("../vectors/keys/ec-secp384r1.pkcs8.pem"),
            ),
            (
                include_str!("../vectors/keys/ec-secp521r1.sec1.pem"),
                include_str!("../vectors/keys/ec-secp521r1.pkcs8.pem"),
            ),
            (
                include_str!("../vectors/keys/ec-secp256k1.sec1.pem"),
                include_str!("../vectors/keys/ec-secp256k1.pkcs8.pem"),
            ),
        ] {
            let key = json(&*crypto, one);
            assert_eq!(json(&*crypto, other), key);
            let read = PrivateJwk::parse(&key).unwrap();
            assert!(crypto.signing_key(read.private_key().unwrap()).is_ok());
            let written = pkcs8::to_pem(read.private_key().unwrap()).unwrap();
            assert_eq!(json(&*crypto, written.expose()), key);
        }
        let rsa = include_str!("../vectors/keys/rsa.pkcs8.pem");
        let key = pkcs8::from_pem(&*crypto, rsa).unwrap();
        assert_eq!(pkcs8::to_pem(&key).unwrap().expose(), rsa);
    }
}

/// PKCS #8 of OpenSSL has the private half alone; the public half is found from it.
#[test]
fn a_key_without_its_public_half_gets_it() {
    for crypto in providers() {
        let ed25519 = include_str!("../vectors/keys/ed25519.pkcs8.pem");
        let key = pkcs8::from_pem(&*crypto, ed25519).unwrap();
        assert!(crypto.signing_key(&key).is_ok());
        assert_eq!(pkcs8::to_pem(&key).unwrap().expose(), ed25519);
        let x25519 = include_str!("../vectors/keys/x25519.pkcs8.pem");
        let key = pkcs8::from_pem(&*crypto, x25519).unwrap();
        assert!(crypto.decryption_key(&key).is_ok());
        assert_eq!(pkcs8::to_pem(&key).unwrap().expose(), x25519);
        for kind in [
            KeyKind::Ec(EcCurve::P256),
            KeyKind::Ec(EcCurve::P384),
            KeyKind::Ec(EcCurve::P521),
            KeyKind::Okp(OkpCurve::Ed25519),
            KeyKind::Okp(OkpCurve::X25519),
        ] {
            let key = crypto.generate(kind).unwrap();
            let pem = pkcs8::to_pem(&key).unwrap();
            let again = pkcs8::from_pem(&*crypto, pem.expose()).unwrap();
            assert_eq!(again.public, key.public, "{kind:?}");
        }
    }
}

/// RFC 8410 §10.3: the second example has the public half and an attribute beside the key.
#[test]
fn the_examples_of_rfc_8410() {
    for crypto in providers() {
        let plain = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let with_public = "-----BEGIN PRIVATE KEY-----\nMHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\noB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\nZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PRIVATE KEY-----\n";
        let key = json(&*crypto, plain);
        assert_eq!(json(&*crypto, with_public), key);
        assert!(
            key.contains("GZ9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE")
                || key.contains("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE")
        );
    }
}

#[test]
fn what_is_no_private_key_is_refused() {
    let ed25519 = include_str!("../vectors/keys/ed25519.pkcs8.pem");
    for crypto in providers() {
        let fault = |pem: &str| pkcs8::from_pem(&*crypto, pem).map(|_| ()).unwrap_err();
        for (pem, expected) in [
            ("", KeyFault::Pem),
            ("-----BEGIN ", KeyFault::Pem),
            ("-----BEGIN PRIVATE KEY-----", KeyFault::Pem),
            (
                "-----END PRIVATE KEY----------BEGIN PRIVATE KEY-----",
                KeyFault::Pem,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                KeyFault::Pem,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n",
                KeyFault::Der,
            ),
            (
                include_str!("../vectors/keys/ed25519.public.pem"),
                KeyFault::Pem,
            ),
            (
                include_str!("../vectors/keys/ed25519.encrypted.pem"),
                KeyFault::Encrypted,
            ),
            (
                include_str!("../vectors/keys/ec-explicit.sec1.pem"),
                KeyFault::Der,
            ),
            (&ed25519.replace("VwBC", "VxBC"), KeyFault::Kind),
            (
                &ed25519.replace("PRIVATE", "OPENSSH PRIVATE"),
                KeyFault::Pem,
            ),
        ] {
            assert_eq!(fault(pem), expected, "{pem}");
        }
        let mixed = format!(
            "text before\n{}{ed25519}and after",
            include_str!("../vectors/keys/ed25519.public.pem")
        );
        assert!(pkcs8::from_pem(&*crypto, &mixed).is_ok());
        let der = [0x30, 0x03, 0x02, 0x01, 0x00];
        assert!(matches!(
            pkcs8::from_der(&*crypto, &der),
            Err(KeyFault::Der)
        ));
    }
}
