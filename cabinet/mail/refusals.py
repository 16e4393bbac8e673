"""What a mail server's refusal means: for good or for now, and in words for an administrator."""

import re
from smtplib import SMTPDataError, SMTPRecipientsRefused

BOUNCED = "Письмо вернулось: адрес не работает."  # said by a person, a mail server has accepted it
RAW = re.compile(r"^([A-Za-z_]+)(?:: |$)")
LATER = re.compile(r"\b4\d\d\b")  # codes 4xx: not now, try again
WORDS = {
    "SMTPRecipientsRefused": "Почтовый сервер не принял адрес {address}. Проверьте, нет ли в нём опечатки.",
    "SMTPSenderRefused": "Почтовый сервер не принял адрес отправителя: это настройка DEFAULT_FROM_EMAIL.",
    "SMTPDataError": "Почтовый сервер принял адрес, но отказался от самого письма.",
    "SMTPAuthenticationError": "Почтовый сервер не принял имя или пароль кабинета: это настройка EMAIL_URL.",
    "SMTPServerDisconnected": "Почтовый сервер оборвал соединение.",
    "SMTPConnectError": "Почтовый сервер не отвечает.",
    "ConnectionRefusedError": "Почтовый сервер не отвечает: соединение отклонено.",
    "ConnectionResetError": "Почтовый сервер оборвал соединение.",
    "TimeoutError": "Почтовый сервер не ответил вовремя.",
    "gaierror": "Имя почтового сервера не находится: проверьте настройку EMAIL_URL и сеть.",
    "SSLError": "Защищённое соединение с почтовым сервером не получилось.",
    "SSLCertVerificationError": "Сертификат почтового сервера не прошёл проверку.",
}
NOT_NOW = "Почтовый сервер пока не принимает письма на адрес {address}."
UNKNOWN = "Письмо не удалось отправить."


def in_words(error: str, address: str) -> str:
    """An error as it was kept: a server's answer is translated, a sentence of our own stays."""
    raw = RAW.match(error)
    if raw is None:
        return error
    text = WORDS.get(raw[1], UNKNOWN)
    if raw[1] == "SMTPRecipientsRefused" and LATER.search(error):
        text = NOT_NOW
    return text.format(address=address)


def is_final(error: Exception) -> bool:
    """Did the server refuse this very letter for good (5xx)? What concerns the sender or the login is ours to mend."""
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return bool(codes) and min(codes) >= 500
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500


def is_raw(error: str) -> bool:
    """Is it a server's own answer?"""
    return RAW.match(error) is not None
