//! Keys of tests: anyone may know them, so nobody may use them.

use std::sync::Arc;

use oauth_proto::base::secret::Secret;
use oauth_proto::crypto;
use oauth_proto::crypto::algorithm::Algorithm;
use oauth_proto::crypto::private_jwk::PrivateJwk;
use oauth_proto::crypto::signer::Signer;

/// The key of RFC 8037 appendix A.1, named.
pub(crate) const ED25519: &str = r#"{"kty":"OKP","kid":"ed","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

pub(crate) const P256: &str = "\
    {\"kty\":\"EC\",\"kid\":\"ec\",\"crv\":\"P-256\",\"x\":\"GSP6Q4QEOLKD3FkJQhQGlbnHhnrxcPPOBzpN9Bcgsh8\",\"y\"\
    :\"37RoJDYok_CMBdBLDTkY0Eyp8DaYcYoUpKlJTslYvE4\",\"d\":\"D2CQN0-yhLmk-YpiiIyc-3VJwRCRVZk8_kIJEy\
    sjZGY\"}";

pub(crate) const RSA: &str = "\
    {\"kty\":\"RSA\",\"kid\":\"rsa\",\"n\":\"rNfmpKaY0uhOr7tq_VEueecEiq_ifjAsZs-9PTDduosQuHx9NTRTzsEb0Hi5\
    Oe5YyfvSPeakeZ9yGw8rMCZma7Rxxbdq1xS7Rimk-IEkmxzhf3ftIU8RMds6iaN5_83PfhJwYslLPRY7FcppqdSTOp\
    4JyJWtSHrl7DvavKaVNhaO0MOfPp_e5sj0okcckjpd2w_CI72O2r_CwuYNOj-WJIh60RwX8CIfCPL9IBRH4xZF7gFH\
    z2ckL35_j4EP2DC6zO7oRS68TX2HkZVnOZ3BnBKWDm6G8H2gLvhIdxcyLa3EAreJVKKzSbkvQkknD2pxc9Fh6x5TAv\
    fylzIGWsgr_w\",\"e\":\"AQAB\",\"d\":\"EbChKv3gC0n6b7LzXszVwGU8CkO5HygoCze8ywv6zZJZGkCngfACmdka0ynf\
    70VtMfMDkBFQiSAgChPx3CI5_lEACffdR_kXt7UgbMyu5e89RxILo4qXnG4vHhIstNkoIOObPAkVGcHyNyc5zEd08B\
    1nq-9hxlbJvHVdzEwSXnAiaAdWfq_dTVzZmWD1hxKMzxc1Q_LIjAIzE_BrJxqmuVHkmobnIsK2IYFfV0f-fRw0Wqi1\
    3RsepBGhOkh3TA5WCmF8ZVXVcoTJJOtMq_0_E_rfTFrta16vpvtvMc0WtUt2YUzj7ZnwR9g7MKVwhokzIW5mKs6iku\
    D4ZxyVj3BQ6Q\",\"p\":\"5AMpfW-ryK41ygS2UdKpY0u84s9nWGHw8Naaqfhvi8IsAFvRI_qSyeBte-EvcljgP7lk30k\
    iHbVl0vQgEHxe0XKeuSAgzGxFLkrtws4MG0yUoU7uPhZRZzJsNuKAYtCrcYBR8c1wg7hMF-lsfwnIzgq7Enk7BcSvU\
    24WilW_okk\",\"q\":\"wg8pj1NRv0UHxAj2kNlTWEWMOP66YVcsjY_gBcmAR5qdIoa3JeS8AqdZBypFdfLWHSYMT5Ie8\
    e-x_upuz4Q2vjd3aJKaEpj7S65V5-MW8VFOiv_0jCqHGHZjuGCAHq1cj0dwU7UAJ4X07GovOPCrZwuslgtmaEOznCl\
    RWXp03Ac\",\"dp\":\"wvl1PB8GzTczJcm7weIbGJ7GKUjjfW9a4gcRAHFBqUfj6naZM2Psq5Yu6PSZZvVa5QL6n_jgpH\
    jeVnKNDKvdRMr3sSQpB8U5rylBgQhC0AE_Q2TEUvEwsMcsRA6RbG41fHwXFmbvZKNu5i-jqEpMnOwOJfDmqLsUlYoY\
    2jgTA4k\",\"dq\":\"hX_iylu6SAfYIM89uEYZpQcrQOZUF7TdzIEmzzRg0GGYKfFdO29Qu86eW2SEJnEpRSIwo-jU6wF\
    HhSOHmbDN7CvCNKlt3s9pSRYkuQKrfNW_X7ZXaLm0-GoxjdytJu2CWHr_1kYVVhs8dAtUcyp178zDLPGowJ-ahxqRg\
    SnSDK8\",\"qi\":\"AdDatb4wlr4pyR6Vgh-GXw_uOrxbgbxvq4odnQe8BkXg737D0RdZ5zpJI5ejOTfXBD8XaypHMHlP\
    BBbXzqQKgS8CX99-ftUPfRi5GaXCg5J3SJSyTVkVESkyCmXQJrj2q0VEtvnRpRZVaKmtd5dt6n_HEoeBtbQTi_Bgp5\
    vm85I\"}";

/// 33 bytes: enough for HMAC with SHA-256.
pub(crate) const SECRET: &str = "a secret of thirty-two characters";

/// A signer with a key in this process.
pub(crate) fn signer(jwk: &str, algorithm: Algorithm) -> Signer {
    let key = PrivateJwk::parse(jwk).unwrap();
    Signer::new(&crypto::default_provider(), &key, algorithm).unwrap()
}

/// A signer with [`SECRET`].
pub(crate) fn secret(algorithm: Algorithm) -> Signer {
    let crypto = crypto::default_provider();
    Signer::secret(Arc::clone(&crypto), &Secret::from(SECRET), algorithm).unwrap()
}
