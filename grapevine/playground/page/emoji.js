// The emoji names people and apps use most, as Slack spells them.

const NAMES = `smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 joy 😂 rofl 🤣 slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 blush 😊
innocent 😇 heart_eyes 😍 star-struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 thinking_face 🤔 hugging_face 🤗 shushing_face 🤫
neutral_face 😐 smirk 😏 unamused 😒 roll_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleeping 😴 mask 😷 sunglasses 😎 nerd_face 🤓
confused 😕 worried 😟 open_mouth 😮 astonished 😲 flushed 😳 cry 😢 sob 😭 scream 😱 tired_face 😫 triumph 😤 rage 😡 partying_face 🥳
wave 👋 raised_hands 🙌 clap 👏 pray 🙏 handshake 🤝 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 v ✌️ crossed_fingers 🤞 muscle 💪
point_right 👉 point_left 👈 point_up ☝️ point_up_2 👆 point_down 👇 writing_hand ✍️ eyes 👀 brain 🧠 bust_in_silhouette 👤 busts_in_silhouette 👥
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔 two_hearts 💕 sparkling_heart 💖
100 💯 boom 💥 fire 🔥 sparkles ✨ star ⭐ star2 🌟 dizzy 💫 zap ⚡ sunny ☀️ rainbow 🌈 cloud ☁️ snowflake ❄️ umbrella ☔ ocean 🌊 droplet 💧
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 sports_medal 🏅 first_place_medal 🥇 second_place_medal 🥈 third_place_medal 🥉 dart 🎯 crown 👑
rocket 🚀 airplane ✈️ car 🚗 bike 🚲 ship 🚢 house 🏠 office 🏢 earth_africa 🌍 earth_americas 🌎 earth_asia 🌏 globe_with_meridians 🌐 world_map 🗺️
grapes 🍇 wine_glass 🍷 apple 🍎 banana 🍌 cherries 🍒 pizza 🍕 cake 🍰 birthday 🎂 coffee ☕ tea 🍵 beer 🍺 beers 🍻 seedling 🌱 herb 🌿 four_leaf_clover 🍀
deciduous_tree 🌳 evergreen_tree 🌲 leaves 🍃 fallen_leaf 🍂 maple_leaf 🍁 sunflower 🌻 rose 🌹 tulip 🌷 cactus 🌵 bouquet 💐
dog 🐶 cat 🐱 mouse 🐭 fox_face 🦊 bear 🐻 panda_face 🐼 owl 🦉 bird 🐦 penguin 🐧 bee 🐝 honeybee 🐝 bug 🐛 butterfly 🦋 snail 🐌 turtle 🐢 whale 🐳 unicorn_face 🦄
robot_face 🤖 ghost 👻 alien 👽 skull 💀 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_plus_sign ➕ heavy_minus_sign ➖ question ❓ grey_question ❔
exclamation ❗ heavy_exclamation_mark ❗ grey_exclamation ❕ bangbang ‼️ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 rotating_light 🚨 construction 🚧
information_source ℹ️ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_forward ▶️ left_right_arrow ↔️
arrows_counterclockwise 🔄 arrows_clockwise 🔃 repeat 🔁 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ back 🔙 new 🆕 free 🆓 up 🆙 cool 🆒 ok 🆗 sos 🆘 top 🔝
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪ black_circle ⚫
large_green_square 🟩 large_red_square 🟥 large_purple_square 🟪 small_blue_diamond 🔹 small_orange_diamond 🔸 small_red_triangle 🔺 small_red_triangle_down 🔻
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 zero 0️⃣ hash #️⃣
link 🔗 paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️ lock 🔒 unlock 🔓 key 🔑 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 speech_balloon 💬
thought_balloon 💭 left_speech_bubble 🗨️ email 📧 envelope ✉️ incoming_envelope 📨 inbox_tray 📥 outbox_tray 📤 package 📦 mailbox 📫 newspaper 📰
memo 📝 pencil 📝 pencil2 ✏️ page_facing_up 📄 bookmark 🔖 bookmark_tabs 📑 books 📚 book 📖 open_book 📖 clipboard 📋 file_folder 📁 open_file_folder 📂 wastebasket 🗑️
calendar 📅 date 📅 spiral_calendar_pad 🗓️ clock1 🕐 clock3 🕒 clock9 🕘 alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ hourglass ⌛ hourglass_flowing_sand ⏳ watch ⌚
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 abacus 🧮 moneybag 💰 credit_card 💳 gem 💎 briefcase 💼 label 🏷️ ticket 🎫
bulb 💡 mag 🔍 mag_right 🔎 gear ⚙️ wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ shield 🛡️ test_tube 🧪 microscope 🔬 telescope 🔭 satellite 📡 battery 🔋 electric_plug 🔌
computer 💻 desktop_computer 🖥️ keyboard ⌨️ iphone 📱 telephone_receiver 📞 camera 📷 movie_camera 🎥 video_camera 📹 tv 📺 headphones 🎧 microphone 🎤 musical_note 🎵 notes 🎶
art 🎨 frame_with_picture 🖼️ jigsaw 🧩 game_die 🎲 soccer ⚽ basketball 🏀 runner 🏃 walking 🚶 dancer 💃 man_dancing 🕺 zzz 💤 door 🚪 broom 🧹 soap 🧼
checkered_flag 🏁 triangular_flag_on_post 🚩 flag-us 🇺🇸 flag-gb 🇬🇧 flag-de 🇩🇪 flag-fr 🇫🇷 white_flag 🏳️ recycle ♻️ infinity ♾️ copyright ©️ registered ®️ tm ™️`;

const words = NAMES.split(/\s+/);
const EMOJI = new Map();
for (let index = 0; index + 1 < words.length; index += 2) EMOJI.set(words[index], words[index + 1]);

/** The character for "tada", or null where the name is not known. */
export function emoji(name) {
  return EMOJI.get(String(name).split("::")[0]) || null;
}

export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/gi, (whole, name) => emoji(name.toLowerCase()) || whole);
}
