"""S-1 and S-3: signing up and signing in."""

from tests.driver import Driver

ANA = {"email": "Ana@Example.com", "firstName": "Ana", "lastName": "Li", "track": "fitness", "goal": "Run 5K"}


def test_s1_sign_up(driver: Driver) -> None:
    user = driver.post("/api/users", ANA, 201)
    assert user["email"] == "ana@example.com"
    assert user["timezone"] == "Europe/London"
    assert user["subscriptionTier"] == "FREE"
    driver.settle()
    mails = driver.outbox(kind="email", to="ana@example.com")
    assert [mail["template"] for mail in mails] == ["magic_link"]
    assert len(mails[0]["token"]) == 64
    assert mails[0]["userId"] == user["id"]

    repeated = driver.client.post("/api/users", json={**ANA, "email": "ANA@example.com"})
    assert driver.error(repeated, 409)["code"] == "CONFLICT"

    ana = driver.sign_in(user)
    wallet = ana.wallet()
    assert wallet["wallet"]["monthlyLimit"] == 20
    assert wallet["wallet"]["dailyCap"] == 3
    assert wallet["wallet"]["currentMonthSpent"] == 0
    assert wallet["wallet"]["lifetimeDonated"] == 0
    assert ana.streak() == {
        "currentStreak": 0,
        "currentStreakStart": None,
        "longestStreak": 0,
        "longestStreakStart": None,
        "longestStreakEnd": None,
        "lastWorkoutDate": None,
        "bonuses": {"sevenDayClaimed": False, "thirtyDayClaimed": False, "ninetyDayClaimed": False},
    }


def test_s3_magic_link(driver: Driver) -> None:
    driver.clock("2026-05-04T10:00:00Z")
    driver.sign_up("ana@example.com")
    driver.settle()
    first = driver.outbox(kind="email")[0]["token"]

    driver.clock("2026-05-04T10:14:59Z")
    signed_in = driver.post("/api/auth/verify", {"token": first})
    assert signed_in["user"]["email"] == "ana@example.com"
    assert signed_in["accessToken"]
    spent = driver.client.post("/api/auth/verify", json={"token": first})
    assert driver.error(spent, 400)["code"] == "INVALID_LINK"

    known = driver.post("/api/auth/magic-link", {"email": "ANA@example.com"})
    driver.settle()
    second = driver.outbox(kind="email", limit=1)[0]["token"]
    assert second != first
    driver.clock("2026-05-04T10:30:00Z")
    late = driver.client.post("/api/auth/verify", json={"token": second})
    assert driver.error(late, 400)["code"] == "INVALID_LINK"

    before = len(driver.outbox())
    assert driver.post("/api/auth/magic-link", {"email": "nobody@example.com"}) == known
    driver.settle()
    assert len(driver.outbox()) == before


def test_s3_the_code_of_the_same_mail_signs_in_and_wrong_codes_run_out(driver: Driver) -> None:
    driver.sign_up("ana@example.com")
    driver.settle()
    mail = driver.outbox(kind="email")[0]
    wrong = f"{(int(mail['code']) + 1) % 1_000_000:06d}"
    for _ in range(4):
        refused = driver.client.post("/api/auth/verify", json={"email": "ana@example.com", "code": wrong})
        assert driver.error(refused, 400)["code"] == "INVALID_LINK"
    assert driver.post("/api/auth/verify", {"email": "Ana@example.com", "code": mail["code"]})["accessToken"]

    driver.post("/api/auth/magic-link", {"email": "ana@example.com"})
    driver.settle()
    mail = driver.outbox(kind="email", limit=1)[0]
    wrong = f"{(int(mail['code']) + 1) % 1_000_000:06d}"
    for _ in range(5):
        driver.client.post("/api/auth/verify", json={"email": "ana@example.com", "code": wrong})
    refused = driver.client.post("/api/auth/verify", json={"email": "ana@example.com", "code": mail["code"]})
    assert driver.error(refused, 400)["code"] == "INVALID_LINK"


def test_a_verified_link_ends_the_members_other_links(driver: Driver) -> None:
    user = driver.sign_up()
    driver.post("/api/auth/magic-link", {"email": user["email"]})
    driver.settle()
    newer, older = (mail["token"] for mail in driver.outbox(kind="email"))
    driver.post("/api/auth/verify", {"token": newer})
    assert driver.error(driver.client.post("/api/auth/verify", json={"token": older}), 400)["code"] == "INVALID_LINK"


def test_a_token_ends_with_its_days_on_the_engines_clock(driver: Driver) -> None:
    driver.clock("2026-05-04T10:00:00Z")
    ana = driver.member()
    driver.clock("2026-05-11T09:59:59Z")
    assert ana.get("/api/auth/me")["id"] == ana.id
    driver.clock("2026-05-11T10:00:00Z")
    assert driver.error(ana.call("GET", "/api/auth/me"), 401)["code"] == "UNAUTHORIZED"
