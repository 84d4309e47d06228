"""Writing mails and the page behind their link, handing mails to the mail server, asking intake for an address."""
