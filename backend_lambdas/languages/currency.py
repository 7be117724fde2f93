"""The currencies that a file may name. Used by the headers of reports and departments."""

from typing import Any, ClassVar, Self

_IN_USE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES = frozenset(_IN_USE.split())
"""The codes of ISO 4217 that are in use, as CLDR has them."""


class Currency(str):
    """A code such as `EUR`."""

    WANTED: ClassVar[str] = "a currency of ISO 4217 such as USD, EUR or JPY"

    @classmethod
    def read(cls, written: Any) -> Self:
        """Of the text in a header; raises `ValueError` for what is no currency in use."""
        if written not in CODES:
            raise ValueError
        return cls(written)
