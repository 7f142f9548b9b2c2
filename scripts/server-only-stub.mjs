export {}; // `server-only` throws outside Next; tests of server code run in plain Node.
