"""Who is signed in: sign-in with the user pool, the browser's session, the tokens behind it."""
