"""What a newcomer would enter first, as the spreadsheets that the services import."""

from datetime import date, timedelta

ZAMMAD_SECRET = "switchboard-token-of-the-demo"  # noqa: S105  # of sources that live as long as the demo
TWILIO_SECRET = "auth-token-of-the-demo-0001"  # noqa: S105


def staff() -> str:
    """Who works in the office, by the subjects of their tokens, and where mail reaches them."""
    return (
        "staff_number,name,role,email,language,status\n"
        "agent-li,李静,agent,li.jing@example.com,zh-CN,active\n"
        "supervisor-zhao,赵敏,cs_supervisor,zhao.min@example.com,zh-CN,active\n"
        "dispatcher-qian,钱进,dispatcher,qian.jin@example.com,zh-CN,active\n"
        "director-sun,孙涛,aftersales_director,tao.sun@example.com,en,active\n"
        "manager-wu,吴刚,general_manager,wu.gang@example.com,zh-CN,active\n"
        "vp-zhou,周芳,marketing_vp,zhou.fang@example.com,zh-CN,active\n"
        "buyer-feng,冯采,buyer,feng.cai@example.com,zh-CN,active\n"
    )


def parts() -> str:
    """The catalogue of spare parts, in yuan."""
    return "part_code,name_zh,name_en,unit_price\nPCB-77,主板,Main board,260.00\nHX-9,换热器,Heat exchanger,480.00\n"


def stock() -> str:
    """What lies in the store: no heat exchanger."""
    return "part_code,quantity,reference\nPCB-77,5,opening stock\n"


def units(today: date) -> str:
    """Installed units: WH in warranty, AC and BO out of it, EL of a family that nobody has learnt."""
    lines = ["serial_number,product_family,product_model,sold_on,warranty_months"]
    recently, long_ago = today - timedelta(days=200), today - timedelta(days=1500)
    lines += [f"WH-100{number},water_heater,RS-60,{recently},24" for number in range(1, 10)]
    lines += [f"AC-200{number},air_conditioner,KF-35,{long_ago},36" for number in range(1, 3)]
    lines += [f"BO-3001,boiler,LN-24,{long_ago},24", f"EL-4001,elevator,EV-9,{recently},24"]
    return "\n".join(lines)


def push_sources(public_base: str) -> str:
    """A switchboard that speaks Zammad CTI and a cloud account of Twilio."""
    return (
        "name,adapter,secret,public_base,country\n"
        f"switchboard,zammad,{ZAMMAD_SECRET},{public_base},CN\n"
        f"cloud,twilio,{TWILIO_SECRET},{public_base},CN\n"
    )


def technicians() -> str:
    """Two departments; some lack a skill, work elsewhere, or have a certificate that ran out."""
    return (
        "staff_number,name,department,rota_position,zones,skills,active\n"
        "T01,王伟,engineering,1,suburb,water_heater,true\n"
        "T02,李强,engineering,2,city,air_conditioner,true\n"
        "T03,张敏,engineering,3,city,water_heater,true\n"
        "T04,刘洋,engineering,4,city;suburb,water_heater,true\n"
        "T05,陈静,engineering,5,city,water_heater,true\n"
        "T11,杨光,production,1,city,air_conditioner,true\n"
        "T12,赵磊,production,2,city,air_conditioner;boiler,true\n"
    )


def certificates(today: date) -> str:
    """Electricians; that of T11 ran out."""
    return (
        "staff_number,code,valid_from,valid_until\n"
        f"T11,electrician,{today - timedelta(days=900)},{today - timedelta(days=10)}\n"
        f"T12,electrician,{today - timedelta(days=100)},{today + timedelta(days=900)}\n"
    )
