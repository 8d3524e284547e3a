//! Known answers for digests, MACs and AES: FIPS 180-4, RFC 2202, RFC 3394, RFC 4231, RFC 7518 B and the
//! test cases of the GCM specification.

use oauth_proto::crypto::hash::Hash;

use crate::hex;
use crate::providers;

/// FIPS 180-4, as its examples have them: the digests of "abc".
#[test]
fn digests() {
    for (hash, digest) in [
        (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            Hash::Sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            Hash::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
             8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Hash::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ] {
        for provider in providers() {
            assert_eq!(provider.digest(hash, b"abc").unwrap(), hex(digest));
            assert_eq!(hash.len(), hex(digest).len());
        }
    }
}

#[test]
fn macs() {
    let first = ([0x0b; 20].to_vec(), &b"Hi There"[..]);
    let second = (b"Jefe".to_vec(), &b"what do ya want for nothing?"[..]);
    // RFC 4231 §4.7: a key longer than a block.
    let sixth = (
        [0xaa; 131].to_vec(),
        &b"Test Using Larger Than Block-Size Key - Hash Key First"[..],
    );
    for (hash, (key, message), mac) in [
        (
            Hash::Sha1,
            &first,
            "b617318655057264e28bc0b6fb378c8ef146be00",
        ),
        (
            Hash::Sha1,
            &second,
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        (
            Hash::Sha256,
            &first,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            Hash::Sha256,
            &second,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            Hash::Sha256,
            &sixth,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            Hash::Sha384,
            &first,
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
             faea9ea9076ede7f4af152e8b2fa9cb6",
        ),
        (
            Hash::Sha512,
            &first,
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
             daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ),
    ] {
        for provider in providers() {
            assert_eq!(provider.hmac(hash, key, message).unwrap(), hex(mac));
        }
    }
}

/// RFC 3394 §4.1 to §4.6. Each key and each data is the beginning of the longest.
#[test]
fn wrapped_keys() {
    let kek = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let data = hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
    for (kek_length, length, wrapped) in [
        (16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
        (24, 16, "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"),
        (32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
        (
            24,
            24,
            "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
        ),
        (
            32,
            24,
            "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1",
        ),
        (
            32,
            32,
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43b\
             fb988b9b7a02dd21",
        ),
    ] {
        let (kek, data, wrapped) = (&kek[..kek_length], &data[..length], hex(wrapped));
        for provider in providers() {
            assert_eq!(provider.aes_wrap(kek, data).unwrap(), wrapped);
            assert_eq!(*provider.aes_unwrap(kek, &wrapped).unwrap(), data);
        }
    }
}

/// Cases 4, 10 and 16 of the specification of GCM (appendix B).
#[test]
fn gcm() {
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce = hex("cafebabefacedbaddecaf888").try_into().unwrap();
    let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    for (length, sealed) in [
        (
            16,
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
             21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091\
             5bc94fbc3221a5db94fae95ae7121a47",
        ),
        (
            24,
            "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c\
             7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710\
             2519498e80f1478f37ba55bd6d27618c",
        ),
        (
            32,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
             76fc6ece0f4e1768cddf8853bb2d551b",
        ),
    ] {
        // The third key is the first 128 bits twice.
        let key = match length {
            24 => &key[..24],
            32 => &[&key[..16], &key[..16]].concat(),
            _ => &key[..16],
        };
        let sealed = hex(sealed);
        for provider in providers() {
            let made = provider.aes_gcm_seal(key, &nonce, &aad, &plaintext);
            assert_eq!(made.unwrap(), sealed);
            let opened = provider.aes_gcm_open(key, &nonce, &aad, &sealed);
            assert_eq!(*opened.unwrap(), plaintext);
        }
    }
}

/// RFC 7518 B.1 to B.3: ciphertext and MAC by the primitives that they are made of.
#[test]
fn cbc_with_hmac() {
    let key: Vec<u8> = (0..64).collect();
    let iv = hex("1af38c2dc2b96ffdd86694092341bc04").try_into().unwrap();
    let aad = b"The second principle of Auguste Kerckhoffs";
    let plaintext = b"A cipher system must not be required to be secret, and it must be able to \
                      fall into the hands of the enemy without inconvenience";
    for (half, hash, ciphertext, tag) in [
        (
            16,
            Hash::Sha256,
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9\
             a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336\
             09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b\
             384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5\
             4b8851ffb598f7f80074b9473c82e2db",
            "652c3fa36b0a7c5b3219fab3a30bc1c4",
        ),
        (
            24,
            Hash::Sha384,
            "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb\
             000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d174621\
             4bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c21\
             05bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927\
             f280adc91ac0c4e79c7b11efc60054e3",
            "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
        ),
        (
            32,
            Hash::Sha512,
            "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd\
             822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b\
             36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3\
             a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b\
             be2638d09dd7a4930930806d0703b1f6",
            "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
        ),
    ] {
        let (mac_key, key) = (&key[..half], &key[half..2 * half]);
        let (ciphertext, tag) = (hex(ciphertext), hex(tag));
        let length = 8 * u64::try_from(aad.len()).unwrap();
        for provider in providers() {
            let made = provider.aes_cbc_encrypt(key, &iv, plaintext);
            assert_eq!(made.unwrap(), ciphertext);
            let opened = provider.aes_cbc_decrypt(key, &iv, &ciphertext);
            assert_eq!(*opened.unwrap(), plaintext);
            let input = [&aad[..], &iv, &ciphertext, &length.to_be_bytes()].concat();
            let mac = provider.hmac(hash, mac_key, &input).unwrap();
            assert_eq!(mac[..half], tag);
        }
    }
}
